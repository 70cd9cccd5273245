"""What the documentation tells users of Python: read FILE by TIER at OCR_URL, save result.*."""

import os
import sys
import time

import requests

API = os.environ["OCR_URL"] + "/api/v1/ocr/"
HEADERS = {"Authorization": f"Bearer {os.environ['OCR_TOKEN']}"}

with open(sys.argv[1], "rb") as f:
    job = requests.post(API, headers=HEADERS, files={"file": f}, data={"tier": sys.argv[2]}).json()

while job["status"] in ("pending", "processing"):
    time.sleep(2)
    job = requests.get(API + job["uuid"] + "/", headers=HEADERS).json()

print(job["markdown"])

for file_format in ("txt", "md", "json", "docx"):
    result = requests.get(API + job["uuid"] + "/download/", headers=HEADERS, params={"format": file_format})
    with open(f"result.{file_format}", "wb") as out:
        out.write(result.content)

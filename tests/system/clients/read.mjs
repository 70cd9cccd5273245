// What the documentation tells users of Node 18 and later: read FILE by TIER at OCR_URL, save result.*.
import { readFile, writeFile } from "node:fs/promises";
import { basename } from "node:path";

const API = process.env.OCR_URL + "/api/v1/ocr/";
const headers = { Authorization: `Bearer ${process.env.OCR_TOKEN}` };
const path = process.argv[2];

const form = new FormData();
form.append("file", new Blob([await readFile(path)]), basename(path));
form.append("tier", process.argv[3]);

let job = await (await fetch(API, { method: "POST", headers, body: form })).json();

while (["pending", "processing"].includes(job.status)) {
  await new Promise((resolve) => setTimeout(resolve, 2000));
  job = await (await fetch(`${API}${job.uuid}/`, { headers })).json();
}

console.log(job.markdown);

for (const format of ["txt", "md", "json", "docx"]) {
  const result = await fetch(`${API}${job.uuid}/download/?format=${format}`, { headers });
  await writeFile(`result.${format}`, Buffer.from(await result.arrayBuffer()));
}

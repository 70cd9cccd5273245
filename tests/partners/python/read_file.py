"""Have a file read through the message queue: AMQP_URL=amqp://partner.… python read_file.py FILE"""

import json
import mimetypes
import os
import sys
import uuid
from pathlib import Path

import pika

file = Path(sys.argv[1])
connection = pika.BlockingConnection(pika.URLParameters(os.environ["AMQP_URL"]))
channel = connection.channel()
channel.confirm_delivery()  # a publish returns when the broker has the message

user = pika.URLParameters(os.environ["AMQP_URL"]).credentials.username  # partner.acme
account = user.removeprefix("partner.")

# What is heard of: a service would have one durable queue, and read it all the time.
events = f"{user}.{uuid.uuid4()}"
channel.queue_declare(events, exclusive=True)
channel.queue_bind(events, "ocr.results", f"job.{account}.#")

request = str(uuid.uuid4())  # sent again with the same id, the same file is not read twice
properties = pika.BasicProperties(
    user_id=user,
    message_id=request,
    correlation_id="invoice-17",  # yours: it comes back in every event
    content_type=mimetypes.guess_type(file)[0] or "application/octet-stream",
    headers={"filename": file.name, "language": "eng"},
    delivery_mode=pika.DeliveryMode.Persistent,
)
channel.basic_publish("ocr.submit", account, file.read_bytes(), properties, mandatory=True)

for method, event_properties, body in channel.consume(events, auto_ack=True):
    event = json.loads(body)
    if event.get("request_id") != request:
        continue  # of another request of yours
    what = method.routing_key.rpartition(".")[2]
    print(what, event.get("job_id", ""), event_properties.correlation_id, file=sys.stderr)
    if what == "done":  # a result that is too large for a message is read by REST
        print(event["result"]["text"] if event.get("result") else event["result_url"])
        break
    if what in ("rejected", "failed", "canceled"):
        sys.exit(event.get("error", what))

connection.close()

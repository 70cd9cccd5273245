// Have a file read through the message queue: AMQP_URL=amqp://partner.… node read_file.js FILE
const { randomUUID } = require("node:crypto");
const { readFileSync } = require("node:fs");
const { basename } = require("node:path");
const amqp = require("amqplib"); // npm install amqplib

async function main(file) {
  const connection = await amqp.connect(process.env.AMQP_URL);
  const channel = await connection.createConfirmChannel();
  const refused = new Promise((_, reject) => {
    connection.on("error", reject);
    channel.on("error", reject); // such as a file that is larger than a message may be
  });

  const user = new URL(process.env.AMQP_URL).username; // partner.acme
  const account = user.replace("partner.", "");

  // What is heard of: a service would have one durable queue, and read it all the time.
  const events = `${user}.${randomUUID()}`;
  await channel.assertQueue(events, { exclusive: true });
  await channel.bindQueue(events, "ocr.results", `job.${account}.#`);

  const request = randomUUID(); // sent again with the same id, the same file is not read twice
  const ended = new Promise((resolve, reject) => {
    channel.consume(events, (message) => {
      const event = JSON.parse(message.content);
      if (event.request_id !== request) return; // of another request of yours
      const what = message.fields.routingKey.split(".").at(-1);
      console.error(what, event.job_id ?? "", message.properties.correlationId);
      if (what === "done") resolve(event);
      if (["rejected", "failed", "canceled"].includes(what)) reject(new Error(event.error ?? what));
    }, { noAck: true });
  });

  channel.publish("ocr.submit", account, readFileSync(file), {
    userId: user,
    messageId: request,
    correlationId: "invoice-17", // yours: it comes back in every event
    contentType: "application/octet-stream", // the type is told by the bytes
    headers: { filename: basename(file), language: "eng" },
    persistent: true,
  });
  await Promise.race([channel.waitForConfirms(), refused]); // the broker has the message

  // A result that is too large for a message is read by REST.
  const { result, result_url } = await Promise.race([ended, refused]);
  console.log(result ? result.text : result_url);
  await connection.close();
}

main(process.argv[2]).catch((error) => {
  console.error(error.message);
  process.exit(1);
});

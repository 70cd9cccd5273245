<?php
// Have a file read through the message queue: AMQP_URL=amqp://partner.… php read_file.php FILE
require 'PhpAmqpLib/autoload.php'; // Debian: php-cli php-amqplib; else: composer require php-amqplib/php-amqplib

use PhpAmqpLib\Connection\AMQPStreamConnection;
use PhpAmqpLib\Message\AMQPMessage;
use PhpAmqpLib\Wire\AMQPTable;

$url = parse_url(getenv('AMQP_URL'));
$user = $url['user']; // partner.acme
$account = substr($user, strlen('partner.'));
$connection = new AMQPStreamConnection($url['host'], $url['port'], $user, $url['pass'], ltrim($url['path'], '/'));
$channel = $connection->channel();
$channel->confirm_select();

// What is heard of: a service would have one durable queue, and read it all the time.
$events = $user . '.' . bin2hex(random_bytes(8));
$channel->queue_declare($events, false, false, true);
$channel->queue_bind($events, 'ocr.results', "job.$account.#");

$request = bin2hex(random_bytes(16)); // sent again with the same id, the same file is not read twice
$message = new AMQPMessage(file_get_contents($argv[1]), [
    'user_id' => $user,
    'message_id' => $request,
    'correlation_id' => 'invoice-17', // yours: it comes back in every event
    'content_type' => mime_content_type($argv[1]),
    'application_headers' => new AMQPTable(['filename' => basename($argv[1]), 'language' => 'eng']),
    'delivery_mode' => AMQPMessage::DELIVERY_MODE_PERSISTENT,
]);
$channel->basic_publish($message, 'ocr.submit', $account, true);
$channel->wait_for_pending_acks(30); // the broker has the message

$channel->basic_consume($events, '', false, true, false, false, function ($message) use ($request) {
    $event = json_decode($message->getBody(), true);
    if (($event['request_id'] ?? null) !== $request) {
        return; // of another request of yours
    }
    $parts = explode('.', $message->getRoutingKey());
    $what = end($parts);
    fwrite(STDERR, implode(' ', [$what, $event['job_id'] ?? '', $message->get('correlation_id')]) . "\n");
    if ($what === 'done') { // a result that is too large for a message is read by REST
        echo $event['result']['text'] ?? $event['result_url'], "\n";
        exit(0);
    }
    if (in_array($what, ['rejected', 'failed', 'canceled'])) {
        exit_with($event['error'] ?? $what);
    }
});
while ($channel->is_consuming()) {
    $channel->wait();
}

function exit_with($reason)
{
    fwrite(STDERR, "$reason\n");
    exit(1);
}

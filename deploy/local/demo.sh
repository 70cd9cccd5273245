#!/bin/sh
# Starts the stack, reads a sample page through the REST API and downloads it in every format.
# With a model configured (ANTHROPIC_API_KEY or ANTHROPIC_BASE_URL), the model reads the page, too.
# What it prints are the commands that it runs: they work in your shell after ". .local/env".
set -eu

cd "$(dirname "$0")/../.."
python=.venv/bin/python
answer=.local/demo-answer.json

say() { printf '\n%s\n' "$*"; }

# Prints one value of the JSON in $answer, which may be an error's.
value() { "$python" -c 'import json, sys; print(json.load(open(sys.argv[1])).get(sys.argv[2], ""))' "$answer" "$1"; }

# Shows a command as it would be typed, and never a token.
exec 3>&1
show() { printf '$ %s\n' "$*" >&3; }

# Asks the API as "curl -H ... arguments" does. The token goes by standard input: every user of a machine
# may see the arguments of its commands.
api() { printf 'Authorization: Bearer %s\n' "$OCR_TOKEN" | curl -sSL -H @- "$@"; }

is_under_way() { case $(value status) in pending | processing) true ;; *) false ;; esac; }

# Asks for a job until it is at its end; a page takes seconds, so this hardly ever waits.
wait_for_end() {
    looks=0
    while is_under_way && [ $looks -lt 60 ]; do
        looks=$((looks + 1))
        sleep 2
        api "$OCR_URL/api/v1/ocr/$1/" -o "$answer"
    done
}

# Shows a GET of the API as a command, and runs it. Prints the HTTP status.
download() {
    # shellcheck disable=SC2016  # shown, not expanded
    show 'curl -L -H "Authorization: Bearer $OCR_TOKEN" "$OCR_URL'"$1\"" -o "$2"
    api -w '%{http_code}' "$OCR_URL$1" -o "$answer"
}

"$python" -m deploy.local up
# shellcheck source=/dev/null
. .local/env
"$python" -m deploy.local.sample .local/sample.pdf

say "A sample page goes to the service:"
# shellcheck disable=SC2016  # shown, not expanded
show 'curl -H "Authorization: Bearer $OCR_TOKEN" -F "file=@.local/sample.pdf" "$OCR_URL/api/v1/ocr/"'
api -F "file=@.local/sample.pdf" "$OCR_URL/api/v1/ocr/" -o "$answer"
uuid=$(value uuid)
wait_for_end "$uuid"
if [ "$(value status)" != "done" ]; then
    say "Error: the job is not done. The whole answer:" >&2
    cat "$answer" >&2
    exit 1
fi

say "Job $uuid is done. It reads:"
value text

say "The same as files:"
made=
for format in txt md json csv docx pdf hocr alto; do
    code=$(download "/api/v1/ocr/$uuid/download/?format=$format" "result.$format")
    if [ "$code" = 200 ]; then
        mv "$answer" "result.$format"
        made="$made result.$format"
    else
        say "Error: the download of $format was answered with $code:" >&2
        cat "$answer" >&2
        exit 1
    fi
done

say "Wrote$made"

if [ -n "${ANTHROPIC_API_KEY:-}${ANTHROPIC_AUTH_TOKEN:-}${ANTHROPIC_BASE_URL:-}" ]; then
    say "A model is configured, so it can read the page, too:"
    # shellcheck disable=SC2016  # shown, not expanded
    show 'curl -H "Authorization: Bearer $OCR_TOKEN" -F "file=@.local/sample.pdf" -F "tier=vlm" "$OCR_URL/api/v1/ocr/"'
    api -F "file=@.local/sample.pdf" -F "tier=vlm" "$OCR_URL/api/v1/ocr/" -o "$answer"
    vlm_uuid=$(value uuid)
    wait_for_end "$vlm_uuid"
    if is_under_way; then
        say "Error: the page still waits for the model; .local/log/ocr_vlm-1.log says what for." >&2
        exit 1
    elif [ "$(value status)" != "done" ]; then
        say "Error: the model did not read it. The whole answer:" >&2
        cat "$answer" >&2
        exit 1
    fi
    say "Job $vlm_uuid is done. The model reads:"
    value text
    say "Used: $(value usage)"
else
    say "No model is configured; with ANTHROPIC_API_KEY or ANTHROPIC_BASE_URL set, this also shows tier=vlm."
fi

cat <<END

The stack keeps running; "make down" stops it.
  the job      $OCR_URL/api/v1/ocr/$uuid/
  settings     . .local/env   (OCR_URL, OCR_TOKEN, AMQP_URL, AMQP_MANAGEMENT_URL, MONGO_URL)
END

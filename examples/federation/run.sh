#!/bin/sh
# A federation on this machine: a server and four device processes, each in a folder of its own, with TLS, enrolment and signatures. Then
# the same experiment as a simulation: both models are the same to the bit. Usage: examples/federation/run.sh [DIR], DIR is created.
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
fedtiny=$here/../../bin/fedtiny
out=${1:-federation-demo}
devices=4
[ ! -e "$out" ] || { echo "run.sh: $out is there already; name a folder that is not, or remove it" >&2; exit 2; }
mkdir -p "$out"
out=$(CDPATH= cd -- "$out" && pwd)

# What an operator does: places for four devices, and a server.
"$fedtiny" enrol --federation "$out/federation" --count "$devices" --tokens "$out/tokens"
"$fedtiny" serve "$here/experiment.properties" --listen localhost:0 --self-signed localhost --federation "$out/federation" \
    --out "$out/served" 2>"$out/server.log" &
server=$!
trap 'kill $(jobs -p) 2>/dev/null || true' EXIT INT TERM
until grep -q "waiting for" "$out/server.log" 2>/dev/null; do
    kill -0 "$server" 2>/dev/null || { cat "$out/server.log" >&2; exit 1; }
    sleep 0.2
done
cat "$out/server.log"
fingerprint=$(sed -n 's/.*certificate \([0-9A-F:]*\).*/\1/p' "$out/server.log")
port=$(sed -n 's/.*listening at https:[^,]*:\([0-9]*\),.*/\1/p' "$out/server.log")

# What each device has: its own images, which nobody else reads, its token, and from the first start on its key.
"$fedtiny" partition "$here/experiment.properties" --out "$out/split.json" --shares "$out/shares" >"$out/split.txt"
device=0
while [ "$device" -lt "$devices" ]; do
    mkdir "$out/device-$device"
    mv "$out/shares/device-$device.images" "$out/tokens/device-$device.token" "$out/device-$device/"
    (cd "$out/device-$device" && FEDTINY_JAVA_OPTS="-Xmx64m" exec "$fedtiny" join "https://localhost:$port" --data "device-$device.images" \
        --token-file "device-$device.token" --key device.key --fingerprint "$fingerprint") 2>"$out/device-$device.log" &
    device=$((device + 1))
done

wait "$server" || { cat "$out"/*.log >&2; exit 1; }
"$fedtiny" run "$here/experiment.properties" --quiet --out "$out/simulated"
cmp "$out/served/model.safetensors" "$out/simulated/model.safetensors"
echo "the model of the federation and the model of the simulation are the same to the bit"

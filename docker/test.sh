#!/usr/bin/env bash
# Boxes by a real engine, which is started here by hand with images made of packages: two agents side by side, what nobody can
# write, what goes wrong and is named, Compose, and Claude Code in an image.
# usage: docker/test.sh [--clean] [QMS]
# QMS is a static program; it is built here where none is named. --clean: the images are also built from the sources alone.
# Exit 3: no engine can be started here. Steps that need npm's registry are skipped where it cannot be reached, and counted.
set -Eeuo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
clean=
[ "${1:-}" != --clean ] || { clean=yes; shift; }
work=$(mktemp -d /tmp/qms-docker-XXXXXX)
skipped=0
step() { printf '\n== %s\n' "$*"; }
fail() { echo "failed: $*" >&2; exit 1; }
skip() { echo "skipped: $*" >&2; exit 3; }
trap 'echo "failed: line $LINENO" >&2' ERR
engine='' model=''
end() {
	set +e
	trap - ERR
	[ -z "$model" ] || kill "$model" 2>/dev/null
	[ ! -x "$work/bin/qms" ] || (cd "$work/repo" 2>/dev/null && "$work/bin/qms" session down >/dev/null 2>&1)
	if [ -n "$engine" ]; then
		# shellcheck disable=SC2046 # one word a container
		docker rm --force --volumes $(docker ps --all --quiet) >/dev/null 2>&1
		kill "$engine" && wait "$engine" 2>/dev/null
	fi
	umount "$work/repo/below" "$work/served/below" 2>/dev/null
	rm -rf "$work"
}
trap end EXIT

# --- The engine -------------------------------------------------------------------------------------------------------
[ "$(id -u)" = 0 ] || skip "an engine is started by root"
missing=
for pair in dockerd:docker.io debootstrap:debootstrap python3:python3; do
	command -v "${pair%:*}" >/dev/null || missing="$missing ${pair#*:}"
done
if [ -n "$missing" ]; then
	# shellcheck disable=SC2086 # one word a package
	apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends $missing >/dev/null ||
		skip "Debian's packages: $missing"
fi
# The client of the same packages: another may lack what this one brings along.
export PATH=/usr/bin:$PATH
unset "${!GIT_@}" "${!QMS_@}" "${!DOCKER_@}" http_proxy https_proxy HTTP_PROXY HTTPS_PROXY
export HOME=$work/home GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null NO_COLOR=1
export DOCKER_HOST=unix://$work/docker.sock DOCKER_CONFIG=$work/config DOCKER_BUILDKIT=1
mkdir -p "$HOME" "$work/bin" "$DOCKER_CONFIG/cli-plugins"
dockerd --host "$DOCKER_HOST" --data-root "$work/data" --exec-root "$work/exec" --pidfile "$work/pid" >"$work/engine" 2>&1 &
engine=$!
for _ in $(seq 300); do
	docker version >/dev/null 2>&1 && break
	kill -0 "$engine" 2>/dev/null || { tail -n3 "$work/engine" >&2; engine=''; skip "no engine can be started here"; }
	sleep 0.1
done
docker version >/dev/null 2>&1 || skip "no engine can be started here"

step "a base made of packages"
debian=$(sed -n 's/^ARG DEBIAN=//p' "$here/docker/Dockerfile")
debootstrap --variant=minbase --include=ca-certificates bookworm "$work/base" >"$work/said" 2>&1 || { tail -n3 "$work/said"; skip "Debian's packages"; }
rm -rf "$work"/base/var/cache/apt/archives/*.deb "$work"/base/var/cache/apt/*.bin "$work"/base/var/lib/apt/lists/* \
	"$work"/base/usr/share/{doc,man,info,locale}/*
# What this machine trusts beside; nothing of it is in the project's own images.
cp -L /etc/ssl/certs/ca-certificates.crt "$work/base/etc/ssl/certs/"
tar -C "$work/base" -c . | docker import --change 'ENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt' \
	--change 'CMD ["bash"]' - "$debian" >/dev/null

step "a static program"
if [ -n "${1:-}" ]; then
	cp "$1" "$work/bin/qms"
else
	# The toolchain lies in the home of whoever runs this.
	own=$(getent passwd 0 | cut -d: -f6)
	host=$(HOME=$own rustc -vV | sed -n 's/^host: //p')
	(cd "$here" && HOME=$own RUSTFLAGS='-C target-feature=+crt-static' \
		cargo build --locked --quiet --bin qms --target "$host" --target-dir target/static --config profile.dev.strip=true \
		--config profile.dev.debug=false)
	cp "$here/target/static/$host/debug/qms" "$work/bin/qms"
fi
! ldd "$work/bin/qms" >/dev/null 2>&1 || ldd "$work/bin/qms" | grep -q 'statically linked' || fail "it is not static"
qms=$work/bin/qms

# --- A repository -----------------------------------------------------------------------------------------------------
git init -q -b main "$work/repo"
cd "$work/repo"
as() { git config user.name "$1"; git config user.email "$1@example.com"; }
by() { GIT_AUTHOR_NAME=$1 GIT_AUTHOR_EMAIL=$1@example.com GIT_COMMITTER_NAME=$1 GIT_COMMITTER_EMAIL=$1@example.com "$qms" "${@:2}"; }
as ann
mkdir src below
echo 'print()' >src/main.py
git add . && git commit -qm Begin
"$qms" init --user ann:administrator --user claude:initiator:agent --user codex:initiator:agent --user quinn:quality >/dev/null
"$qms" user add gate --kind service --agents claude,codex >/dev/null
for agent in claude codex; do "$qms" user set "$agent" --workspace "$agent" --single true >/dev/null; done
as gate
# What is mounted on the machine below the repository is no part of it.
mount -t tmpfs tmpfs "$work/repo/below"
mark=$(docker ps --quiet | wc -l)
[ "$mark" = 0 ] || fail "containers before the first"
name() { docker ps --all --filter "label=io.qms.agent=$1" --format '{{.Names}}'; }

# Waits until a process has ended, whether or not anybody asked how.
gone() { while [ -e "/proc/$1" ] && ! grep -q '^State:.*Z' "/proc/$1/status" 2>/dev/null; do sleep 0.05; done; }
# The gateway that was started for these boxes.
gateway() { pgrep -f "^$qms mcp" | while read -r pid; do grep -q '^State:.*Z' "/proc/$pid/status" || echo "$pid"; done; }

# Asks the gateway from inside a container, as programs there do. usage: call CONTAINER TOOL ARGUMENTS
call() {
	local body
	body=$(python3 -c 'import json, sys; print(json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": sys.argv[1], "arguments": json.loads(sys.argv[2])}}))' "$2" "$3")
	# shellcheck disable=SC2016 # for the shell inside
	docker exec --interactive "$1" bash -c '
		port=$(sed -n "s/.*internal:\([0-9]*\).*/\1/p" /run/qms/box.json)
		body=$(cat)
		exec 3<>"/dev/tcp/host.docker.internal/$port"
		printf "POST /mcp HTTP/1.1\r\nHost: host.docker.internal:%s\r\nConnection: close\r\nContent-Type: application/json\r\nAccept: application/json, text/event-stream\r\nAuthorization: Bearer %s\r\nX-QMS-Instance: %s\r\nContent-Length: %s\r\n\r\n%s" \
			"$port" "$(cat /run/qms/token)" "${INSTANCE:-$(cat /run/qms/instance)}" "$(printf %s "$body" | wc -c)" "$body" >&3
		cat <&3' <<<"$body" | sed '1,/^\r$/d'
}
# Of an answer, what a Python expression of `a` says.
of() { python3 -c 'import json, sys; a = json.load(sys.stdin)["result"]; v = a["structuredContent"]; print(eval(sys.argv[1]))' "$1"; }
did() { local said; said=$(call "$@"); [ "$(of 'a.get("isError", False)' <<<"$said")" = False ] || fail "$2: $said"; printf '%s' "$said"; }
refused() { local said; said=$(call "${@:2}"); [[ $(of 'json.dumps(v) if a.get("isError") else ""' <<<"$said") == *"$1"* ]] || fail "$2 $3, expected $1: $said"; }

# --- Two agents side by side ------------------------------------------------------------------------------------------
step "two agents at once"
"$qms" session up claude codex
for agent in claude codex; do
	box=$(name "$agent")
	[ "$(did "$box" qms_inbox '{}' | of 'v["user"]')" = "$agent" ] || fail "$agent is somebody else"
	docker exec "$box" cat /CLAUDE.md | grep -q "You are \`$agent\`" || fail "$agent is not told who it is"
	said=$(docker inspect "$box"; docker exec "$box" sh -c 'env; cat /proc/*/cmdline' 2>/dev/null | tr '\0' ' ')
	! grep -aq 'qms_[0-9a-f]\{64\}' <<<"$said" || fail "a token is seen"
done
"$qms" doctor --session || fail "the doctor finds something"
[ "$("$qms" --format json session status | python3 -c 'import json, sys; print([r["state"] for r in json.load(sys.stdin)])')" = "['ready', 'ready']" ] ||
	fail "they are not ready"

step "each creates, commits in three ways, and is refused out of scope"
number=0
for agent in claude codex; do
	box=$(name "$agent")
	number=$((number + 1)) id=CR-00$number
	made=$(did "$box" qms_create "{\"type\": \"CR\", \"title\": \"By $agent\", \"scope\": [\"docker/$agent/**\"]}")
	text=$(of 'json.dumps(__import__("re").sub(r"\{\{.*?\}\}", "Said in words enough.", __import__("re").sub(r"(?m)^\| EI-2 .*\n", "", v["document"]["text"])))' <<<"$made")
	did "$box" qms_checkin "{\"id\": \"$id\", \"text\": $text}" >/dev/null
	did "$box" qms_route "{\"id\": \"$id\", \"for\": \"review\"}" >/dev/null
	by quinn review "$id" --recommend >/dev/null
	did "$box" qms_route "{\"id\": \"$id\", \"for\": \"approval\"}" >/dev/null
	by quinn approve "$id" >/dev/null
	did "$box" qms_release "{\"id\": \"$id\"}" >/dev/null
	work_of() { printf '{"change": "%s", "item": "EI-1", "message": "%s", %s}' "$id" "$1" "$2"; }
	did "$box" git_commit "$(work_of Inline "\"files\": [{\"path\": \"docker/$agent/a\", \"text\": \"one\\n\"}]")" >/dev/null
	patch="diff --git a/docker/$agent/a b/docker/$agent/a\\n--- a/docker/$agent/a\\n+++ b/docker/$agent/a\\n@@ -1 +1 @@\\n-one\\n+two\\n"
	did "$box" git_commit "$(work_of Patch "\"patch\": \"$patch\"")" >/dev/null
	docker exec "$box" sh -c "mkdir -p /workspace/docker/$agent && echo three >/workspace/docker/$agent/b"
	did "$box" git_commit "$(work_of Workspace "\"from_workspace\": [\"docker/$agent/b\"]")" >/dev/null
	refused out-of-scope "$box" git_commit "$(work_of Elsewhere '"files": [{"path": "src/main.py", "text": ""}]')"
	for other in claude codex; do
		[ "$(docker exec "$(name "$other")" cat "/repo/docker/$agent/a" "/repo/docker/$agent/b" | tr '\n' ' ')" = "two three " ] ||
			fail "$other does not see what $agent committed"
	done
done
[ "$(git log --format=%an:%cn --grep=QMS-Item | sort -u | tr '\n' ' ')" = "claude:gate codex:gate " ] || fail "commits of somebody else"

step "a third container with the first one's token"
run=$(docker inspect --format '{{.Config.Image}} {{.HostConfig.NetworkMode}} {{index .HostConfig.ExtraHosts 0}}' "$(name claude)")
read -r image network extra <<<"$run"
given=$(docker inspect --format '{{range .Mounts}}{{if eq .Destination "/run/qms"}}{{.Source}}{{end}}{{end}}' "$(name claude)")
docker run --detach --name third --user 1000:1000 --network "$network" --add-host "$extra" --env INSTANCE=another \
	--volume "$given:/run/qms:ro" "$image" >/dev/null
refused 'another instance' third qms_inbox '{}'
docker rm --force third >/dev/null

step "a gateway that is started anew under them"
pid=$(gateway)
kill -9 "$pid"
gone "$pid"
before=$(docker ps --quiet | sort)
"$qms" session up claude codex >/dev/null
[ "$(docker ps --quiet | sort)" = "$before" ] || fail "boxes were started anew"
for agent in claude codex; do did "$(name "$agent")" qms_inbox '{}' >/dev/null; done

# --- What nobody can write --------------------------------------------------------------------------------------------
step "ways to write"
state() { (cd "$work/repo" && find . -path ./below -prune -o -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum; ls -A below); }
before=$(state)
for user in 1000 0; do
	said=$(docker exec --user "$user" "$(name claude)" qms session inside --writes /repo) || fail "as $user: $said"
done
[ "$(state)" = "$before" ] || fail "the repository is another"
# The same script where the repository can be written, so that it is seen to find what there is to find.
git clone -q "$work/repo" "$work/control" && chown -R 1000:1000 "$work/control"
for pair in 1000:25 0:30; do
	more=()
	[ "${pair%:*}" != 0 ] || more=(--cap-add=SYS_ADMIN --security-opt=seccomp=unconfined --volume "$work/docker.sock:/var/run/docker.sock")
	said=$(docker run --rm --user "${pair%:*}" --volume "$work/control:/repo" --entrypoint qms "${more[@]}" "$image" session inside --writes /repo || true)
	count=$(wc -l <<<"$said")
	[ "$count" -ge "${pair#*:}" ] || fail "only $count ways lead to something as ${pair%:*}: $said"
	echo "as ${pair%:*}: none into the repository, $count into one that can be written"
done

# --- What goes wrong, and is named ------------------------------------------------------------------------------------
step "failures"
named() {
	local said
	said=$("$qms" --format json doctor --session | python3 -c 'import json, sys; print(*sorted({r["name"] for r in json.load(sys.stdin)["rows"] if r["verdict"] == "wrong" and r["mend"]}))' || true)
	for name in "$@"; do [[ " $said " == *" $name "* ]] || fail "expected $name, found: $said"; done
	echo "named: $*"
}
well() { "$qms" session down >/dev/null; "$qms" session up claude codex >/dev/null; "$qms" doctor --session >/dev/null || fail "it is not well again: $("$qms" doctor --session)"; }
# A container in the place of claude's, started by hand. usage: hand [FLAG…] [-- COMMAND…]
hand() {
	local box made_of flags=() args=() mounts=()
	box=$(name claude)
	made_of=${MADE_OF:-$(docker inspect --format '{{index .Config.Labels "io.qms.made-of"}}' "$box")}
	while read -r from to; do mounts+=(--volume "$from:$to"); done < <(docker inspect --format '{{range .Mounts}}{{if eq .Type "bind"}}{{println .Source .Destination}}{{end}}{{end}}' "$box" | grep .)
	while [ $# -gt 0 ] && [ "$1" != -- ]; do flags+=("$1"); shift; done
	[ $# = 0 ] || { shift; args=("$@"); }
	docker rm --force "$box" >/dev/null
	docker run --detach --init --name "$box" --user 1000:1000 --network "$network" --label io.qms.agent=claude \
		--label "io.qms.made-of=$made_of" "${mounts[@]}" "${flags[@]}" "$image" "${args[@]}" >/dev/null
}
spared=(--env NO_PROXY=host.docker.internal --env no_proxy=host.docker.internal)
hand "${spared[@]}" --add-host "$extra"
named mount-writable writable
well
hand "${spared[@]}"
named name-unknown
well
hand --add-host "$extra" --env http_proxy=http://proxy.example:3128
named proxy-in-the-way
well
hand "${spared[@]}" --add-host "$extra" --entrypoint tail -- -f /dev/null
named entrypoint-overridden
well
MADE_OF=another hand "${spared[@]}" --add-host "$extra"
named stale
"$qms" session up claude >/dev/null
[ "$(docker inspect --format '{{index .Config.Labels "io.qms.made-of"}}' "$(name claude)")" != another ] || fail "a stale container was kept"
other=$(docker inspect --format '{{range .Mounts}}{{if eq .Destination "/settings"}}{{.Source}}{{end}}{{end}}' "$(name codex)")
own=$(docker inspect --format '{{range .Mounts}}{{if eq .Destination "/settings"}}{{.Source}}{{end}}{{end}}' "$(name claude)")
mv "$own" "$own.kept" && ln -s "$other" "$own"
docker rm --force "$(name claude)" >/dev/null
"$qms" session up claude >/dev/null
named shared
rm "$own" && mv "$own.kept" "$own"
well
hand "${spared[@]}" --add-host "$extra" --volume "$work/docker.sock:/run/docker.sock" --env SOME_API_KEY=x
named socket-visible secret-in-environment
well
boxes=$(dirname "$(dirname "$own")")
sed -i 's/"type": "http"/"type": "sse"/' "$boxes/given/claude/claude/managed-mcp.json"
named wrong-transport
well
python3 - "$boxes/../tokens" <<'PY'
import json, sys
all = json.load(open(sys.argv[1]))
for token in all:
    token["expires"] = token["made"]
json.dump(all, open(sys.argv[1], "w"))
PY
named token-refused
well
# A gateway that somebody starts where containers do not reach it.
port=$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["port"])' "$boxes/gateway-docker.json")
pid=$(gateway)
kill "$pid"
gone "$pid"
"$qms" mcp --transport streamable-http --port "$port" --project-root "$work/repo" 2>"$work/loopback" &
loopback=$!
until grep -q listening "$work/loopback"; do kill -0 $loopback || fail "$(cat "$work/loopback")"; sleep 0.05; done
printf '{"pid": %s, "host": "127.0.0.1", "port": %s}' $loopback "$port" >"$boxes/gateway-docker.json"
named bound-to-loopback not-reached
well
address=$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["host"])' "$boxes/gateway-docker.json")
port=$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["port"])' "$boxes/gateway-docker.json")
pid=$(gateway)
kill -9 "$pid"
gone "$pid"
python3 -m http.server --bind "$address" "$port" >/dev/null 2>&1 &
taken=$!
until (exec 3<>"/dev/tcp/$address/$port") 2>/dev/null; do sleep 0.05; done
named port-taken
! "$qms" session up claude >/dev/null 2>"$work/said" || fail "it starts at a port that is taken"
grep -q 'is taken' "$work/said" || fail "$(cat "$work/said")"
kill $taken && wait $taken 2>/dev/null || true
well

# --- Times and sizes --------------------------------------------------------------------------------------------------
step "times and sizes"
times=()
for _ in 1 2 3 4 5; do
	"$qms" session down >/dev/null
	began=$(date +%s%N)
	"$qms" session up claude >/dev/null
	times+=($((($(date +%s%N) - began) / 1000000)))
done
median=$(printf '%s\n' "${times[@]}" | sort -n | sed -n 3p)
echo "from nothing to the first call from inside, with the image there: ${times[*]} ms, median $median ms"
[ "$median" -lt 3000 ] || fail "it takes longer than three seconds"

step "in a network of its own, where the gateway is all that is reached"
"$qms" session down >/dev/null
"$qms" session up codex --internal >/dev/null
! docker exec "$(name codex)" timeout 5 bash -c 'exec 3<>/dev/tcp/deb.debian.org/80' 2>/dev/null || fail "it reaches more"
"$qms" doctor --session codex >/dev/null || fail "$("$qms" doctor --session codex)"

step "down leaves nothing"
"$qms" session down >/dev/null
[ -z "$(docker ps --all --quiet)" ] || fail "containers are left"
[ -z "$(docker network ls --filter label=io.qms.repository --quiet)" ] || fail "networks are left"
[ -z "$(gateway)" ] || fail "a gateway is left"

# --- The gateway as a container ---------------------------------------------------------------------------------------
step "Compose"
mkdir -p "$work/apt/lists/partial" "$work/apt/cache/archives/partial"
echo 'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian trixie main' >"$work/apt/list"
from=(-qq -o Dir::Etc::sourcelist="$work/apt/list" -o Dir::Etc::sourceparts=- -o Dir::State::lists="$work/apt/lists" \
	-o Dir::Cache="$work/apt/cache" -o APT::Sandbox::User=root)
(cd "$work/apt" && apt-get "${from[@]}" update && apt-get "${from[@]}" download docker-compose docker-buildx &&
	for package in *.deb; do dpkg-deb -x "$package" x; done)
find "$work/apt/x" -path '*cli-plugins*' -type f -exec cp {} "$DOCKER_CONFIG/cli-plugins/" \;
mkdir -p "$work/context"
cp -r "$here/docker" "$work/context/"
cp "$qms" "$work/context/qms"
umount "$work/repo/below"
cp -r "$work/repo" "$work/served"
git -C "$work/served" config --unset user.name; git -C "$work/served" config --unset user.email
chown -R 1000:1000 "$work/served"
mount -t tmpfs tmpfs "$work/served/below" && chmod 1777 "$work/served/below"
export QMS_REPO=$work/served GATEWAY=gate QMS=given
# The file as it is, with its second agent called as here.
sed -i 's/\bqa\b/codex/g' "$work/context/docker/compose.yaml"
compose() { docker compose --file "$work/context/docker/compose.yaml" "$@"; }
compose up --detach --build --wait >"$work/said" 2>&1 || { tail -n20 "$work/said"; compose logs; fail "Compose does not come up healthy"; }
for agent in claude codex; do
	box=$(compose ps --format '{{.Name}}' "$agent")
	[ "$(did "$box" qms_inbox '{}' | of 'v["user"]')" = "$agent" ] || fail "$agent is somebody else"
	number=$((number - 1))
	docker exec "$box" sh -c "mkdir -p /workspace/docker/$agent && echo four >/workspace/docker/$agent/c"
	id=$([ "$agent" = claude ] && echo CR-001 || echo CR-002)
	did "$box" git_commit "{\"change\": \"$id\", \"item\": \"EI-1\", \"message\": \"Composed\", \"from_workspace\": [\"docker/$agent/c\"]}" >/dev/null
	[ "$(docker exec "$box" cat "/repo/docker/$agent/c")" = four ] || fail "it is not seen"
	for user in 1000 0; do
		said=$(docker exec --user "$user" "$box" qms session inside --writes /repo) || fail "as $user: $said"
	done
	! docker exec "$box" timeout 5 bash -c 'exec 3<>/dev/tcp/deb.debian.org/80' 2>/dev/null || fail "it reaches more"
done
compose restart gateway >/dev/null 2>&1
compose up --detach --wait >/dev/null 2>&1
did "$(compose ps --format '{{.Name}}' claude)" qms_inbox '{}' >/dev/null
compose down --volumes >/dev/null 2>&1
umount "$work/served/below"
docker images --format '{{.Repository}} {{.Size}}' | grep '^qms-' | sort -u

# --- Claude Code ------------------------------------------------------------------------------------------------------
step "Claude Code in the image"
cli=$(sed -n 's/^ARG AGENT_CLI=//p' "$here/docker/Dockerfile")
if ! "$qms" session up claude --cli "$cli" >"$work/said" 2>&1; then
	cat "$work/said" >&2
	grep -qi 'npm' "$work/said" || fail "it does not start"
	echo "skipped: npm's registry" >&2
	skipped=$((skipped + 1))
else
	box=$(name claude)
	said=$("$qms" session attach claude -- claude mcp list 2>&1)
	grep -q '^qms: .*host.docker.internal.*✔ Connected' <<<"$said" || fail "$said"
	read -r network address <<<"$(docker inspect --format '{{.HostConfig.NetworkMode}} {{index .HostConfig.ExtraHosts 0}}' "$box")"
	address=${address##*:}
	# A model that does what it is told: uses a tool once, and ends.
	python3 "$here/docker/model.py" "$address" >"$work/model" 2>&1 &
	model=$!
	until port=$(grep -om1 '^[0-9]*$' "$work/model"); do kill -0 $model || fail "$(cat "$work/model")"; sleep 0.05; done
	# usage: asks TOOL INPUT [FLAG…]: what the session did with it
	asks() {
		docker exec --env ANTHROPIC_BASE_URL="http://$address:$port" --env ANTHROPIC_API_KEY=none --env ENABLE_TOOL_SEARCH=false \
			--env CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1 --env NO_PROXY='*' "${@:3}" "$box" \
			timeout 120 claude --print --output-format stream-json --verbose "USE $1 $2" 2>&1
	}
	said=$(asks mcp__qms__git_commit '{"change": "CR-001", "item": "EI-1", "message": "By a session", "files": [{"path": "docker/claude/d", "text": "five\n"}]}')
	[ "$(git -C "$work/repo" log -1 --format=%an:%s)" = "claude:By a session" ] || fail "it makes no commit: $said"
	said=$(asks Write '{"file_path": "/repo/src/other.py", "content": "x"}' --env QMS_CHANGE=CR-001)
	grep -q 'PreToolUse.*error\[out-of-scope\]' <<<"$said" || fail "the hook does not block: $said"
	said=$(asks Write '{"file_path": "/workspace/docker/claude/e", "content": "x"}')
	docker exec "$box" test -e /workspace/docker/claude/e || fail "it does not write where it may: $said"
	# Without the program that is to be asked nothing is edited.
	said=$(asks Write '{"file_path": "/workspace/docker/claude/f", "content": "x"}' --env PATH=/opt/cli/node_modules/.bin:/usr/bin:/bin)
	grep -q 'blocking because onFailure' <<<"$said" && ! docker exec "$box" test -e /workspace/docker/claude/f || fail "it fails open: $said"
	"$qms" session down >/dev/null
fi

# --- From the sources -------------------------------------------------------------------------------------------------
if [ -n "$clean" ]; then
	step "images from the sources alone"
	rust=$(sed -n 's/^ARG RUST=//p' "$here/docker/Dockerfile")
	toolchain=$(cd "$here" && env -u HOME HOME="$(getent passwd 0 | cut -d: -f6)" rustc --print sysroot)
	mkdir -p "$work/rust"
	cp -r "$toolchain" "$work/rust/toolchain"
	rm -rf "$work/rust/toolchain/share"
	cat >"$work/rust/Dockerfile" <<-DOCKER
		FROM $debian
		RUN apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends gcc libc6-dev
		COPY toolchain /usr/local
		ENV CARGO_HTTP_CAINFO=/etc/ssl/certs/ca-certificates.crt
	DOCKER
	docker build --quiet --tag "$rust" "$work/rust" >/dev/null
	for target in gateway agent; do
		docker build --quiet --file "$here/docker/Dockerfile" --target $target --tag "clean-$target" "$here" >/dev/null
	done
	# The gateway in less than 30 MB, what an agent lives in, without a program of its own, in less than 200.
	for pair in gateway:30 agent:200; do
		size=$(($(docker image inspect --format '{{.Size}}' "clean-${pair%:*}") / 1000000))
		echo "${pair%:*}: $size MB"
		[ "$size" -lt "${pair#*:}" ] || fail "${pair%:*} is larger than ${pair#*:} MB"
	done
	docker run --rm clean-gateway --version
fi
step "done: $skipped skipped"

# A small Podman 4.3.1: it keeps containers as folders, and says only sentences recorded from the
# real one. A page's own lines come before it.
fail() { status=$1; shift; printf '%s\n' "$@" >&2; exit "$status"; }
here=$HOME/.engine
mkdir -p "$here"

absent() { fail 125 "Error: no container with name or ID \"$1\" found: no such container"; }
find_it() { # by name or id
    for it in "$here"/*; do
        [ -d "$it" ] && [ "$(cat "$it/id")" = "$1" -o "${it##*/}" = "$1" ] && return 0
    done
    return 1
}
last() { for word in "$@"; do :; done; printf '%s' "$word"; }

rows() {
    separator=
    printf '['
    for it in "$here"/*; do
        [ -d "$it" ] || continue
        printf '%s{"Id": "%s", "Names": ["%s"], "State": "%s", "ExitCode": 0, "Image": "%s", "Labels": {%s}, "Ports": null, "Pid": 872}' \
            "$separator" "$(cat "$it/id")" "${it##*/}" "$(cat "$it/state")" "$(cat "$it/image")" "$(cat "$it/labels")"
        separator=', '
    done
    printf ']\n'
}

json() { printf '%s' "$1" | sed -z -e 's/[\\"]/\\&/g' -e 's/\n/\\n/g' -e "s/$(printf '\033')/\\\\u001b/g" -e 's/\t/\\t/g'; }

run() {
    name= labels= comma=
    while [ $# -gt 1 ]; do
        case $1 in
        --name) name=$2 ;;
        --label) labels="$labels$comma\"${2%%=*}\": \"$(json "${2#*=}")\"" comma=', ' ;;
        esac
        shift
    done
    [ -d "$here/$name" ] && fail 125 "Error: creating container storage: the container name \"$name\" is already in use by $(cat "$here/$name/id"). You have to remove that container to be able to reuse that name: that name is already in use"
    mkdir "$here/$name"
    printf '%s' "$labels" >"$here/$name/labels"
    printf '%s' "$1" >"$here/$name/image"
    printf running >"$here/$name/state"
    printf '%064x' $$ >"$here/$name/id"
    cat "$here/$name/id"
    echo
}

case "$*" in
--version) echo 'podman version 4.3.1' ;;
'ps '*) rows ;;
'image inspect docker.io/library/redis:7')
    echo '[{"Id": "7614ae9453d1d87e740a2056257a6de7135c84037c367e1fffa92ae922784631", "RepoTags": ["docker.io/library/redis:7"], "Config": {"ExposedPorts": {"6379/tcp": {}}, "Entrypoint": ["docker-entrypoint.sh"], "Cmd": ["redis-server"]}}]' ;;
'image inspect localhost/debian:12') # to live in: it has its layer already
    echo '[{"Id": "bd73181d2f2b0fce0bfae38c0d15e0e2cb3f5c7e1f4b0a2dc3f6f5a4e3d2c1b0", "RepoTags": ["localhost/debian:12"], "Config": {"Cmd": ["/bin/bash"]}}]' ;;
'image exists localhost/vagrantp/'*) ;;
'exec '*'/proc/1/comm'*) ;;
'image inspect '*)
    echo '[]'
    fail 125 "Error: inspecting object: $3: image not known" ;;
'secret create '*) cat >/dev/null; echo 5de81d212c887d0ca44d3d312 ;;
'secret rm '*) echo 5de81d212c887d0ca44d3d312 ;;
'network create '*) last "$@"; echo ;;
'network rm '*) echo "$3" ;;
'run '*) run "$@" ;;
'inspect '*)
    name=$(last "$@")
    find_it "$name" || fail 125 "Error: inspecting object: no such object: \"$name\""
    [ "$(cat "$it/state")" = running ] && echo 'true 0' || echo 'false 0' ;;
'update '*) last "$@"; echo ;;
'stop '* | 'start '*)
    name=$(last "$@")
    find_it "$name" || absent "$name"
    [ "$1" = stop ] && printf exited >"$it/state" || printf running >"$it/state"
    echo "$name" ;;
'rm '*'--filter '*) ;;
'rm '*)
    name=$(last "$@")
    find_it "$name" && rm -r "$it" && echo "$name"
    exit 0 ;;
'exec --interactive '*)
    shift 2
    while [ "$1" = --env ]; do shift 2; done # its value is the variable of our own environment
    find_it "$1" || absent "$1"
    [ "$(cat "$it/state")" = running ] || fail 255 'Error: can only create exec sessions on running containers: container state improper'
    shift
    exec "$@" ;;
*) fail 99 "no page has recorded this: podman $*" ;;
esac

// A process that sees nothing of the machine but what it is given, on Linux: in namespaces of its own, made by util-linux's tools, it has
// no network, no /proc, and a root that holds the given folders and the system's libraries, all read-only. Binds native code too.
import { dirname, join } from 'node:path'

/** Programs and libraries that come with the system, for everybody to read; not `/usr/local`, `/etc` or anybody's home. */
const SYSTEM = [
  ...['/bin', '/lib', '/lib32', '/lib64', '/usr/bin', '/usr/lib', '/usr/lib32', '/usr/lib64'],
  ...['/nix/store', '/gnu/store'],
]
/** `nobody`: owns nothing. */
export const NOBODY = 65_534

/**
 * The mount point is any folder that nothing lies in; what was mounted there and everything else stays behind with the old root.
 * `umount` looks into /proc, which is reached through the old root until that is gone.
 */
const ENTER = `
set -e
umask 022
PATH=/usr/sbin:/usr/bin:/sbin:/bin
root=/sys
mount -t tmpfs -o mode=0755,size=4m,nosuid,nodev tmpfs $root
while [ "$1" != -- ]; do
  if [ -L "$1" ]; then
    mkdir -p "$root$(dirname "$1")"
    ln -s "$(readlink "$1")" "$root$1"
  elif [ -e "$1" ]; then
    if [ -d "$1" ]; then mkdir -p "$root$1"; else mkdir -p "$root$(dirname "$1")"; : > "$root$1"; fi
    mount --bind "$1" "$root$1"
    mount -o remount,bind,ro,nosuid,nodev "$root$1"
  fi
  shift
done
shift
mkdir $root/.old
ln -s .old/proc $root/proc
mount -o remount,bind,ro,nosuid,nodev $root
cd $root
pivot_root . .old
umount -l /.old
exec "$@"
`

/** A command and its arguments. */
export type Command = [name: string, ...words: string[]]

/** The same command in namespaces of its own, where it can read `folders`. It ends at once, with a code other than 0, where that cannot be. */
export function inNamespaces(
  command: Command,
  folders: readonly string[],
  isRoot: boolean,
): Command {
  const node = command[0]
  const given = outermost([...SYSTEM, node, join(dirname(dirname(node)), 'lib'), ...folders])
  return [
    'unshare',
    ...['--mount', '--net', '--ipc', '--uts'],
    // Root needs no namespace of users, and gives up being root instead.
    ...(isRoot ? [] : ['--user', '--map-root-user']),
    ...['sh', '-c', ENTER, 'sh', ...given, '--'],
    ...['setpriv', '--no-new-privs', '--bounding-set=-all', '--inh-caps=-all'],
    ...(isRoot ? [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'] : []),
    // What shells add.
    ...['env', ...['PWD', 'OLDPWD', 'SHLVL', '_'].flatMap((name) => ['-u', name])],
    ...command,
  ]
}

/** Without what lies in another of them: it is there already, and a file system that is read-only cannot be mounted into. */
function outermost(paths: readonly string[]): string[] {
  const all = [...new Set(paths)]
  return all.filter((path) => !all.some((other) => path.startsWith(`${other}/`)))
}

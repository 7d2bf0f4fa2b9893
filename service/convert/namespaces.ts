// Runs a process on Linux in namespaces of its own, made with the tools of util-linux. It has no
// network and no /proc, and its root contains only the given folders and the system's libraries,
// all read-only. This confines native code too.
import { dirname, join } from 'node:path'

/** Programs and libraries of the system, which everybody may read; no `/etc`, no home folders. */
const SYSTEM = words(
  '/bin /lib /lib32 /lib64 /usr/bin /usr/lib /usr/lib32 /usr/lib64 /nix/store /gnu/store',
)
/** The user `nobody`, who owns nothing. */
export const NOBODY = 65_534

/**
 * A shell script. Any folder will do as the mount point, as long as nothing below it is needed: all
 * else stays behind with the old root. `umount` needs /proc, which a link finds in the old root
 * until that is gone.
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

/**
 * A command that runs the given one in namespaces of its own, where it can read `folders`. If that
 * does not work here, it ends at once with a code other than 0.
 */
export function inNamespaces(
  command: Command,
  folders: readonly string[],
  isRoot: boolean,
): Command {
  const node = command[0]
  const given = outermost([...SYSTEM, node, join(dirname(dirname(node)), 'lib'), ...folders])
  // Root needs no namespace of users; instead, the process gives up being root.
  const user = isRoot ? '' : ' --user --map-root-user'
  const other = isRoot ? ` --reuid=${NOBODY} --regid=${NOBODY} --clear-groups` : ''
  return [
    'unshare',
    ...words(`--mount --net --ipc --uts${user} sh -c`),
    ENTER,
    'sh',
    ...given,
    '--',
    ...words(`setpriv --no-new-privs --bounding-set=-all --inh-caps=-all${other}`),
    // Variables that shells add.
    ...words('env -u PWD -u OLDPWD -u SHLVL -u _'),
    ...command,
  ]
}

function words(text: string): string[] {
  return text.split(' ')
}

/**
 * Leaves out paths below other ones: they are there already, and nothing can be mounted into a
 * read-only file system.
 */
function outermost(paths: readonly string[]): string[] {
  const all = [...new Set(paths)]
  return all.filter((path) => !all.some((other) => path.startsWith(`${other}/`)))
}

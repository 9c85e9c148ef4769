/** Before the program serves: keeps V8's young generation small, which is most of what an idle connection costs. */

/**
 * Ten thousand connections take 20 KB each with V8's default, and 7.4 KB with this: the handshakes' garbage lets the
 * young generation grow to 128 MB, and what they leave behind survives in it, spread out.
 */
const FLAG = "--max-semi-space-size";
const SEMI_SPACE_MIB = 4;

/**
 * Replaces the process by itself with the flag set (execve: the same process id, so that supervisors and signals see
 * no difference); returns only where that is not needed, or not possible.
 *
 * The alternatives do less: V8 ignores the flag once it runs (`v8.setFlagsFromString`), a child process would have
 * to be supervised, and `#!/usr/bin/env -S node --flag` is no option of busybox's env, nor there for `node dist/cli.js`.
 * @returns what to do about it, if the flag could not be set
 */
export function limitYoungGeneration(env: NodeJS.ProcessEnv): string | undefined {
  const given = [...process.execArgv, env["NODE_OPTIONS"] ?? ""].join(" ");
  if (given.replaceAll("_", "-").includes(FLAG)) return undefined;
  const remedy = `Start it with NODE_OPTIONS=${FLAG}=${SEMI_SPACE_MIB}: connections take a third of the memory.`;
  // A parent that talks over Node's channel (pm2, cluster) would lose it.
  if (typeof process.execve !== "function" || process.platform === "win32" || process.channel) return remedy;
  const flags = [`${FLAG}=${SEMI_SPACE_MIB}`, ...process.execArgv];
  try {
    process.execve(process.execPath, [process.execPath, ...flags, ...process.argv.slice(1)], env);
  } catch {
    return remedy;
  }
  return undefined;
}

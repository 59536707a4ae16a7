import type { Check } from "../check.ts";
import { error, type Finding, ok, warning } from "../finding.ts";

const NODE_MAJOR = 24;
/** Oldest kernel, as major and minor version, that official builds of this version of Node support. */
const KERNEL = [4, 18] as const;

export const versions: Check = {
  name: "versions",
  about: "the versions of Node and of the kernel",
  async run({ machine }) {
    return [nodeFinding(machine.nodeVersion), ...kernelFinding(await machine.kernelText("/proc/sys/kernel/osrelease"))];
  },
};

function nodeFinding(version: string): Finding {
  const major = Number(/^v(\d+)/.exec(version)?.[1]);
  if (major === NODE_MAJOR) return ok(`Node ${version}`);
  const hint = `start it with bin/narthex, which has Node ${NODE_MAJOR} from npx --yes pnpm@12.21.0 install`;
  const what = `Node ${version}, but Narthex is made for Node ${NODE_MAJOR}`;
  return major > NODE_MAJOR ? warning(what, hint) : error(what, hint);
}

function kernelFinding(release: string | undefined): readonly Finding[] {
  const parts = /^(\d+)\.(\d+)/.exec(release ?? "");
  if (parts === null) return [];
  const [major, minor] = [Number(parts[1]), Number(parts[2])];
  const what = `kernel ${release!.trim()}`;
  if (major > KERNEL[0] || (major === KERNEL[0] && minor >= KERNEL[1])) return [ok(what)];
  return [error(`${what}: Node ${NODE_MAJOR} needs ${KERNEL.join(".")}`, "update the system")];
}

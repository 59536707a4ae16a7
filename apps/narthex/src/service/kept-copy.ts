import { existsSync } from "node:fs";
import type { Step } from "./steps.ts";
import { rooted, type System } from "./system.ts";
import type { Origin } from "./written-mark.ts";

/** An existing file of a service. */
interface ServiceFile {
  readonly path: string;
  readonly origin: Origin | "ours";
}

/** Keeps a copy of a file before it is replaced, if the new file does not contain everything in it. */
export const keepSteps = (
  file: ServiceFile & { readonly isOther: boolean; readonly dropped: readonly string[] },
  system: System,
): readonly Step[] =>
  file.isOther && (file.dropped.length > 0 || file.origin !== "written") ? [keepStep(file.path, system)] : [];

/** Removes a file that this program wrote; a file that a user changed is kept under another name. */
export const removeStep = ({ path, origin }: ServiceFile, system: System): Step =>
  origin === "written" ? { kind: "remove", path } : keepStep(path, system);

const keepStep = (path: string, system: System): Step => ({ kind: "keep", path, copy: keptCopy(path, system) });

/** Returns an unused name next to a file for its copy. */
function keptCopy(path: string, system: System): string {
  for (let i = 0; ; i++) {
    const copy = `${path}.old${i === 0 ? "" : `.${i}`}`;
    if (!existsSync(rooted(system, copy))) return copy;
  }
}

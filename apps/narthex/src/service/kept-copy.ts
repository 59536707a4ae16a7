import { existsSync } from "node:fs";
import type { Step } from "./steps.ts";
import { rooted, type System } from "./system.ts";
import type { Origin } from "./written-mark.ts";

/** A service's file that is there. */
interface ServiceFile {
  readonly path: string;
  readonly origin: Origin | "ours";
}

/** Keeps a file beside the one that takes its place, where something would go with it that only it has. */
export const keepSteps = (
  file: ServiceFile & { readonly isOther: boolean; readonly dropped: readonly string[] },
  system: System,
): readonly Step[] =>
  file.isOther && (file.dropped.length > 0 || file.origin !== "written") ? [keepStep(file.path, system)] : [];

/** Removes a file that this program wrote; what somebody has changed is kept under another name. */
export const removeStep = ({ path, origin }: ServiceFile, system: System): Step =>
  origin === "written" ? { kind: "remove", path } : keepStep(path, system);

const keepStep = (path: string, system: System): Step => ({ kind: "keep", path, copy: keptCopy(path, system) });

/** A name beside a file, for what is in it, that no file has. */
function keptCopy(path: string, system: System): string {
  for (let i = 0; ; i++) {
    const copy = `${path}.old${i === 0 ? "" : `.${i}`}`;
    if (!existsSync(rooted(system, copy))) return copy;
  }
}

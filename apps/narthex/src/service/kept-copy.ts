import { existsSync } from "node:fs";
import type { Step } from "./steps.ts";
import { rooted, type System } from "./system.ts";
import type { Origin } from "./written-mark.ts";

interface ServiceFile {
  readonly path: string;
  readonly origin: Origin | "ours";
}

/**
 * Returns a step that keeps a copy of a file before it is replaced. Returns no step if the new file contains everything
 * that the old one does.
 */
export const keepSteps = (
  file: ServiceFile & { readonly isOther: boolean; readonly dropped: readonly string[] },
  system: System,
): readonly Step[] =>
  file.isOther && (file.dropped.length > 0 || file.origin !== "written") ? [keepStep(file.path, system)] : [];

/** Returns the step that removes a file. A file that a user has changed is renamed instead. */
export const removeStep = ({ path, origin }: ServiceFile, system: System): Step =>
  origin === "written" ? { kind: "remove", path } : keepStep(path, system);

const keepStep = (path: string, system: System): Step => ({ kind: "keep", path, copy: keptCopy(path, system) });

/** Returns an unused file name for a copy of a file. */
function keptCopy(path: string, system: System): string {
  for (let i = 0; ; i++) {
    const copy = `${path}.old${i === 0 ? "" : `.${i}`}`;
    if (!existsSync(rooted(system, copy))) return copy;
  }
}

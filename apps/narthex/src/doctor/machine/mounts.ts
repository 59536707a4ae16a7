import type { Machine } from "./machine.ts";

/** Reports whether a path is on a read-only mount. Returns false if this cannot be determined. */
export async function isMountedReadOnly(machine: Pick<Machine, "kernelText">, path: string): Promise<boolean> {
  const text = (await machine.kernelText("/proc/self/mounts")) ?? "";
  let mountPoint = "";
  let isReadOnly = false;
  for (const line of text.split("\n")) {
    const [, written = "", , options = ""] = line.split(" ");
    const folder = written.replace(/\\([0-7]{3})/g, (_, octal: string) =>
      String.fromCharCode(Number.parseInt(octal, 8)),
    );
    const isAbove = folder === "/" || path === folder || path.startsWith(`${folder}/`);
    // Keeps the latest of several mounts at the same mount point, because it hides the others.
    if (folder === "" || !isAbove || folder.length < mountPoint.length) continue;
    mountPoint = folder;
    isReadOnly = options.split(",").includes("ro");
  }
  return isReadOnly;
}

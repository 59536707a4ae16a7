import type { Machine } from "./machine.ts";

/** Is a path on a file system that is mounted read-only? Not where that cannot be told. */
export async function isMountedReadOnly(machine: Pick<Machine, "kernelText">, path: string): Promise<boolean> {
  const text = (await machine.kernelText("/proc/self/mounts")) ?? "";
  let place = "";
  let isReadOnly = false;
  for (const line of text.split("\n")) {
    const [, written = "", , options = ""] = line.split(" ");
    const folder = written.replace(/\\([0-7]{3})/g, (_, octal: string) =>
      String.fromCharCode(Number.parseInt(octal, 8)),
    );
    const isAbove = folder === "/" || path === folder || path.startsWith(`${folder}/`);
    // Of two at one place the later covers the other.
    if (folder === "" || !isAbove || folder.length < place.length) continue;
    place = folder;
    isReadOnly = options.split(",").includes("ro");
  }
  return isReadOnly;
}

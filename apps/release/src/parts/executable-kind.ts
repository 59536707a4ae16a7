import type { Target } from "../targets.ts";

const ELF_MACHINES: Readonly<Record<number, Target["arch"]>> = { 0x3e: "x64", 0xb7: "arm64" };
const MACH_O = 0xfeedfacf;
const MACH_O_MACHINES: Readonly<Record<number, Target["arch"]>> = { 0x01000007: "x64", 0x0100000c: "arm64" };
const PE_MACHINES: Readonly<Record<number, Target["arch"]>> = { 0x8664: "x64", 0xaa64: "arm64" };

/** Number of bytes at the start of a program that contain the path of its interpreter. */
const FIRST_PAGE = 4096;

export type ExecutableKind = Pick<Target, "arch" | "libc" | "platform">;

/**
 * Returns the platform for which an executable is built, from its file header. Returns undefined if the platform is not
 * a release target.
 */
export function executableKind(bytes: Uint8Array): ExecutableKind | undefined {
  if (bytes.length < FIRST_PAGE) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0) === 0x7f454c46) {
    const isMusl = Buffer.from(bytes.subarray(0, FIRST_PAGE)).includes("ld-musl-");
    return kindOf("linux", ELF_MACHINES[view.getUint16(18, true)], isMusl);
  }
  if (view.getUint32(0, true) === MACH_O) return kindOf("darwin", MACH_O_MACHINES[view.getUint32(4, true)]);
  if (view.getUint16(0) !== 0x4d5a) return undefined;
  const header = view.getUint32(60, true);
  if (header + 6 > bytes.length || view.getUint32(header) !== 0x50450000) return undefined;
  return kindOf("win32", PE_MACHINES[view.getUint16(header + 4, true)]);
}

const kindOf = (
  platform: Target["platform"],
  arch: Target["arch"] | undefined,
  isMusl = false,
): ExecutableKind | undefined =>
  arch === undefined ? undefined : { platform, arch, ...(isMusl && ({ libc: "musl" } as const)) };

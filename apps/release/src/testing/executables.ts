import type { Target } from "../targets.ts";

const PAGE = 4096;

/** Returns the start of an executable file, from which its target and Node version are detected. */
export function executable(target: Pick<Target, "arch" | "libc" | "platform">, nodeVersion = "24.99.0"): Uint8Array {
  const bytes = Buffer.alloc(PAGE * 2);
  const isArm = target.arch === "arm64";
  if (target.platform === "linux") {
    bytes.write("\x7fELF", "latin1");
    bytes.writeUInt16LE(isArm ? 0xb7 : 0x3e, 18);
    bytes.write(target.libc === "musl" ? "/lib/ld-musl-any.so.1" : "/lib64/ld-linux-any.so.2", 700);
  } else if (target.platform === "darwin") {
    bytes.writeUInt32LE(0xfeedfacf, 0);
    bytes.writeUInt32LE(isArm ? 0x0100000c : 0x01000007, 4);
  } else {
    bytes.write("MZ");
    bytes.writeUInt32LE(128, 60);
    bytes.write("PE\0\0", 128);
    bytes.writeUInt16LE(isArm ? 0xaa64 : 0x8664, 132);
  }
  bytes.write(`https://example.org/node-v${nodeVersion}-headers.tar.gz`, PAGE + 10);
  return bytes;
}

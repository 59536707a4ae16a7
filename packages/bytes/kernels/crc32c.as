// CRC-32C of bytes, sixteen at a time. AssemblyScript; `pnpm kernels:build` compiles it into src/crc32c.wasm.ts.
// src/crc32c.ts has the same in TypeScript, for few bytes.
//
// Memory, in bytes. The caller fills the tables once, and writes what is summed up into the input or a window.
//
//     0       tables   16 × 256 × u32: table k advances a byte that is followed by k zero bytes ("slicing by 16")
//     16384   input    49,152 bytes
//     65536   windows  8 × 131,072 bytes

/** The register that stood at `before`, moved on over the bytes from `start` to `end` of the memory. */
export function advance(before: u32, start: usize, end: usize): u32 {
  let crc = before;
  let at = start;
  for (; at + 16 <= end; at += 16) {
    const low = load<u64>(at);
    const high = load<u64>(at, 8);
    // What waits for the register comes last: the processor looks the rest up meanwhile.
    const rest = load<u32>((<usize>(low >> 32) & 0xff) << 2, 11264)
      ^ load<u32>((<usize>(low >> 40) & 0xff) << 2, 10240)
      ^ load<u32>((<usize>(low >> 48) & 0xff) << 2, 9216)
      ^ load<u32>((<usize>(low >> 56)) << 2, 8192)
      ^ load<u32>((<usize>high & 0xff) << 2, 7168)
      ^ load<u32>((<usize>(high >> 8) & 0xff) << 2, 6144)
      ^ load<u32>((<usize>(high >> 16) & 0xff) << 2, 5120)
      ^ load<u32>((<usize>(high >> 24) & 0xff) << 2, 4096)
      ^ load<u32>((<usize>(high >> 32) & 0xff) << 2, 3072)
      ^ load<u32>((<usize>(high >> 40) & 0xff) << 2, 2048)
      ^ load<u32>((<usize>(high >> 48) & 0xff) << 2, 1024)
      ^ load<u32>((<usize>(high >> 56)) << 2);
    const first = <u32>low ^ crc;
    crc = rest
      ^ ((load<u32>((<usize>first & 0xff) << 2, 15360) ^ load<u32>((<usize>(first >> 8) & 0xff) << 2, 14336))
      ^ (load<u32>((<usize>(first >> 16) & 0xff) << 2, 13312) ^ load<u32>((<usize>(first >> 24)) << 2, 12288)));
  }
  // What is left goes by eight and four, not byte by byte: of short contents that is much.
  if (at + 8 <= end) {
    const all = load<u64>(at) ^ <u64>crc;
    crc = ((load<u32>((<usize>(all >> 32) & 0xff) << 2, 3072) ^ load<u32>((<usize>(all >> 40) & 0xff) << 2, 2048))
      ^ (load<u32>((<usize>(all >> 48) & 0xff) << 2, 1024) ^ load<u32>((<usize>(all >> 56)) << 2)))
      ^ ((load<u32>((<usize>all & 0xff) << 2, 7168) ^ load<u32>((<usize>(all >> 8) & 0xff) << 2, 6144))
      ^ (load<u32>((<usize>(all >> 16) & 0xff) << 2, 5120) ^ load<u32>((<usize>(all >> 24) & 0xff) << 2, 4096)));
    at += 8;
  }
  if (at + 4 <= end) {
    const all = load<u32>(at) ^ crc;
    crc = (load<u32>((<usize>all & 0xff) << 2, 3072) ^ load<u32>((<usize>(all >> 8) & 0xff) << 2, 2048))
      ^ (load<u32>((<usize>(all >> 16) & 0xff) << 2, 1024) ^ load<u32>((<usize>(all >> 24)) << 2));
    at += 4;
  }
  for (; at < end; at++) crc = (crc >> 8) ^ load<u32>((<usize>((crc ^ <u32>load<u8>(at)) & 0xff)) << 2);
  return crc;
}

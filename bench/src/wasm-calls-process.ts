import { crc32c, SnappyCompressor } from "@narthex/bytes";

/** Number of HTTP responses to parse. The parser is WebAssembly and calls JavaScript for each header field. */
const REQUESTS = 3000;
const KERNEL_ROUNDS = 3000;

/** Returns the CPU time in ms of this process for `work`. */
async function cpuOf(work: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

const url = process.argv[2]!;
async function request(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await (await fetch(url)).arrayBuffer();
}

const bytes = Uint8Array.from({ length: 64 * 1024 }, (_, i) => Math.imul(i, 2654435761) >>> (i % 24));
const compressor = new SnappyCompressor();
async function kernels(count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    crc32c(bytes);
    compressor.compress(bytes);
  }
}

await request(500);
await kernels(200);
const requestMs = await cpuOf(() => request(REQUESTS));
const kernelMs = await cpuOf(() => kernels(KERNEL_ROUNDS));
process.stdout.write(
  JSON.stringify({ requestUs: (requestMs / REQUESTS) * 1000, kernelUs: (kernelMs / KERNEL_ROUNDS) * 1000 }),
);

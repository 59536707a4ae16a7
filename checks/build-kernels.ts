import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * The compiler of WebAssembly kernels is not a dependency: its size is 100 MB, and only developers who change a kernel
 * need it.
 */
const COMPILER = "assemblyscript@0.28.20";

const packages = join(import.meta.dirname, "../packages");
/** WebAssembly kernels to compile. `memory` is the number of memory pages of 64 KiB. */
const KERNELS = [
  {
    source: "bytes/kernels/crc32c.as",
    target: "bytes/src/crc32c.wasm.ts",
    name: "CRC32C",
    memory: 17,
  },
  {
    source: "bytes/kernels/deflate.as",
    target: "bytes/src/deflate.wasm.ts",
    name: "DEFLATE",
    memory: 3,
  },
  {
    source: "bytes/kernels/snappy.as",
    target: "bytes/src/snappy/snappy.wasm.ts",
    name: "SNAPPY",
    memory: 3,
  },
  {
    source: "tsdb/kernels/xor-decoder.as",
    target: "tsdb/src/chunk/xor-decoder.wasm.ts",
    name: "XOR_DECODER",
    memory: 3,
  },
  {
    source: "querying/kernels/sample-writer.as",
    target: "querying/src/response/sample-writer.wasm.ts",
    name: "SAMPLE_WRITER",
    memory: 4,
  },
  {
    source: "exposition/kernels/line-matcher.as",
    target: "exposition/src/line-cache/line-matcher.wasm.ts",
    name: "LINE_MATCHER",
    memory: 11,
  },
];

for (const { source, target, name, memory } of KERNELS) {
  const folder = mkdtempSync(join(tmpdir(), "narthex-kernel-"));
  const output = join(folder, "kernel.wasm");
  // Copies the source to a file that ends in .ts, as the compiler requires. The original has another suffix, because
  // our tools would treat it as TypeScript.
  copyFileSync(join(packages, source), join(folder, "kernel.ts"));
  const pages = String(memory);
  const options = [
    "-O3",
    "--noAssert",
    "--runtime",
    "stub",
    "--initialMemory",
    pages,
    "--maximumMemory",
    pages,
    "--enable",
    "simd",
  ];
  const compile = ["--yes", "--package", COMPILER, "asc", "kernel.ts", "-o", output, ...options];
  execFileSync("npx", compile, { cwd: folder, stdio: "inherit" });
  const hash = createHash("sha256")
    .update(readFileSync(join(packages, source)))
    .digest("hex");
  const lines = [
    `// Written by \`pnpm kernels:build\` from packages/${source}; do not edit.`,
    "",
    "/** The module, base64. */",
    `export const ${name}_WASM =\n  "${readFileSync(output).toString("base64")}";`,
    "",
    "/** SHA-256 of the source it was made from. */",
    `export const ${name}_SOURCE = "${hash}";`,
    "",
  ];
  writeFileSync(join(packages, target), lines.join("\n"));
  rmSync(folder, { recursive: true });
}

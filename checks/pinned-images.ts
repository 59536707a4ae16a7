import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "./sources.ts";

/** Files of the product that name images of other publishers. */
const FILES = ["deploy/docker/Dockerfile", "docker-compose.yml"];

const DIGEST = /@sha256:[0-9a-f]{64}$/;

/** Returns the images of a Dockerfile or compose file that have no digest, each with its line. A tag can be moved. */
export function unpinnedImages(text: string): readonly string[] {
  const stages = new Set(["scratch"]);
  return text.split("\n").flatMap((line, i) => {
    const from = /^FROM (?:--platform=\S+ )?(\S+)(?: AS (\S+))?/.exec(line);
    const image = from?.[1] ?? /^ *image: (\S+)/.exec(line)?.[1];
    const isOwn = image === undefined || image.startsWith("narthex/") || stages.has(image);
    if (from?.[2] !== undefined) stages.add(from[2]);
    return isOwn || DIGEST.test(image) ? [] : [`${i + 1}: ${image}`];
  });
}

/** Returns the text with a digest for each image that has none. `digestOf` returns the digest of an image. */
export function withDigests(text: string, digestOf: (image: string) => string): string {
  const lines = text.split("\n");
  for (const found of unpinnedImages(text)) {
    const at = Number.parseInt(found, 10) - 1;
    const image = found.slice(found.indexOf(" ") + 1);
    const digest = digestOf(image);
    if (!DIGEST.test(`@${digest}`)) throw new Error(`the digest of ${image} is ${JSON.stringify(digest)}`);
    lines[at] = lines[at]!.replace(image, `${image}@${digest}`);
  }
  return lines.join("\n");
}

/** Asks the registry of an image for the digest that its tag has now, of all architectures together. */
const currentDigest = (image: string): string =>
  execFileSync("docker", ["buildx", "imagetools", "inspect", "--format", "{{.Manifest.Digest}}", image], {
    encoding: "utf8",
  }).trim();

/**
 * Runs `node checks/pinned-images.ts [--write]`. A release is not made of images that may change. With `--write`, adds
 * the digests to the files.
 */
function main(): number {
  if (process.argv.includes("--write")) {
    for (const file of FILES) {
      const path = join(root, file);
      writeFileSync(path, withDigests(readFileSync(path, "utf8"), currentDigest));
    }
  }
  const found = FILES.flatMap((file) =>
    unpinnedImages(readFileSync(join(root, file), "utf8")).map((image) => `${file}:${image}`),
  );
  if (found.length === 0) return 0;
  process.stderr.write(
    `${found.join("\n")}\nthese images have no digest: merge Renovate's pull request that pins them, or run this with --write, which asks their registries with Docker\n`,
  );
  return 1;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) process.exitCode = main();

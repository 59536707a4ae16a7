import { readFileSync } from "node:fs";
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

/** Runs `node checks/pinned-images.ts`. A release is not made of images that may change. */
function main(): number {
  const found = FILES.flatMap((file) =>
    unpinnedImages(readFileSync(join(root, file), "utf8")).map((image) => `${file}:${image}`),
  );
  if (found.length === 0) return 0;
  process.stderr.write(
    `${found.join("\n")}\nthese images have no digest: merge Renovate's pull request that pins them, or add the digest of docker buildx imagetools inspect IMAGE\n`,
  );
  return 1;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) process.exitCode = main();

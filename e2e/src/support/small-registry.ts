import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, readFileSync, realpathSync } from "node:fs";
import { createServer } from "node:http";
import { basename, dirname, join } from "node:path";
import { onLoopback } from "./loopback.ts";
import type { Workplace } from "./workplace.ts";

interface Manifest {
  readonly name: string;
  readonly version: string;
}

/**
 * Starts an npm registry that serves only some of the packages that are installed in this checkout.
 * @param folders folders of the packages
 */
export async function smallRegistry(
  workplace: Workplace,
  folders: readonly string[],
): Promise<AsyncDisposable & { url: string }> {
  const documents = new Map<string, object>();
  const tarballs = new Map<string, Buffer>();
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? "");
    const document = documents.get(path.slice(1));
    const body = tarballs.get(path) ?? (document === undefined ? undefined : Buffer.from(JSON.stringify(document)));
    response.writeHead(body === undefined ? 404 : 200, { "content-type": "application/json" }).end(body ?? "{}");
  });
  const listening = await onLoopback(server);
  const url = `http://127.0.0.1:${listening.port}`;
  for (const folder of folders) {
    const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
    const file = `/tarballs/${basename(folder)}.tgz`;
    const bytes = packed(workplace, folder);
    tarballs.set(file, bytes);
    const dist = { tarball: url + file, integrity: `sha512-${createHash("sha512").update(bytes).digest("base64")}` };
    documents.set(manifest.name, {
      name: manifest.name,
      "dist-tags": { latest: manifest.version },
      versions: { [manifest.version]: { ...manifest, dist } },
    });
  }
  return Object.assign(listening, { url });
}

function packed(workplace: Workplace, folder: string): Buffer {
  const top = workplace.path("packed", basename(folder));
  cpSync(realpathSync(folder), join(top, "package"), { recursive: true, dereference: true });
  execFileSync("tar", ["-czf", `${top}.tgz`, "-C", top, "package"]);
  return readFileSync(join(dirname(top), `${basename(folder)}.tgz`));
}

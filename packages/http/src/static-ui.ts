import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import type { FastifyInstance, FastifyReply } from "fastify";

export interface StaticUiOptions {
  /** Folder of the built UI (apps/ui/dist, or beside a bundle). */
  readonly root: string;
  /** Page of this role: index.html, alertmanager.html, pushgateway.html. */
  readonly page: string;
  /** Paths that show the page. */
  readonly paths: readonly string[];
  /** Words replaced in the page as it is served. */
  readonly placeholders: () => Readonly<Record<string, string>>;
}

/** Serves the built UI: hashed assets with a long life, the page itself always fresh. */
export async function serveUi(app: FastifyInstance, options: StaticUiOptions): Promise<void> {
  const { root, page } = options;
  const { default: fastifyStatic } = await import("@fastify/static");
  await app.register(fastifyStatic, {
    root: join(root, "assets"),
    prefix: "/assets/",
    decorateReply: false,
    immutable: true,
    maxAge: 31_536_000_000,
    wildcard: true,
  });
  for (const path of options.paths)
    app.get(path, (_request, reply) => sendPage(reply, join(root, page), options.placeholders()));
  for (const name of ["favicon.svg", "manifest.json"]) {
    app.get(`/${name}`, async (_request, reply) => {
      const body = await readFile(join(root, name)).catch(() => undefined);
      if (body === undefined) return reply.code(404).send();
      return reply.header("content-type", name.endsWith(".svg") ? "image/svg+xml" : "application/json").send(body);
    });
  }
}

async function sendPage(
  reply: FastifyReply,
  file: string,
  words: Readonly<Record<string, string>>,
): Promise<FastifyReply> {
  reply.header("content-type", "text/html; charset=utf-8").header("cache-control", "no-cache");
  let html: string;
  try {
    html = await readFile(file, "utf8");
  } catch {
    return reply.code(503).send(MISSING);
  }
  for (const [word, value] of Object.entries(words)) html = html.replaceAll(word, value);
  return reply.send(html);
}

const MISSING = `<!doctype html><meta charset="utf-8"><title>Narthex</title><meta http-equiv="refresh" content="3">
<p>The user interface is being built, or could not be; the server's log says which. The API under /api/ works.</p>
`;

/** Where the built UI lies: NARTHEX_UI_DIR, `ui` beside a bundle, or the workspace's app. @param from the app's import.meta.url */
export function uiFolder(env: Readonly<Record<string, string | undefined>>, from: string): string {
  return env["NARTHEX_UI_DIR"] ?? fileURLToPath(new URL(from.endsWith(".ts") ? "../../ui/dist" : "./ui", from));
}

import { readdir, stat } from "node:fs/promises";
import { extname, join, posix } from "node:path";
import { access, plainError } from "@narthex/http";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

/**
 * Content types by file extension that Go's file server sets. The type of other extensions is set by @fastify/static.
 */
const TYPES: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".htm": "text/html; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".mjs": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
  ".xml": "text/xml; charset=utf-8",
};

/**
 * Serves the files in a folder under `/user/*`, in the same way as Go's file server. Lists a folder that has no index
 * file.
 */
export async function userAssets(app: FastifyInstance, folder: string): Promise<void> {
  const { default: fastifyStatic } = await import("@fastify/static");
  await app.register(fastifyStatic, { root: folder, serve: false, dotfiles: "allow", cacheControl: false });
  // Removes the Content-Type of a 304 response, as Go's file server does.
  app.addHook("onSend", async (_request, reply) => {
    if (reply.statusCode === 304) reply.removeHeader("content-type");
  });
  app.get<{ Params: { "*": string } }>("/user/*", access("read"), (request, reply) =>
    sendAsset(request, reply, folder, `/${request.params["*"]}`),
  );
}

async function sendAsset(
  request: FastifyRequest,
  reply: FastifyReply,
  folder: string,
  requested: string,
): Promise<FastifyReply> {
  const path = posix.normalize(requested);
  if (path.endsWith("/index.html")) return redirected(request, reply, "./");
  const found = await stat(join(folder, path.replace(/\/$/, ""))).catch(() => undefined);
  if (found === undefined) return plainError(reply, 404, "404 page not found");
  if (!found.isDirectory()) {
    if (path.endsWith("/")) return redirected(request, reply, `../${encodedPath(posix.basename(path))}`);
    return sendFile(request, reply, path);
  }
  if (!path.endsWith("/")) return redirected(request, reply, `${escapedPath(posix.basename(path))}/`);
  const index = await stat(join(folder, path, "index.html")).catch(() => undefined);
  if (index?.isFile() === true) return sendFile(request, reply, `${path}index.html`);
  return sendList(reply, join(folder, path));
}

/** Redirects a request to a relative location, and keeps the query string. */
function redirected({ url }: FastifyRequest, reply: FastifyReply, to: string): FastifyReply {
  const query = url.indexOf("?");
  return reply
    .code(301)
    .header("location", query === -1 ? to : to + url.slice(query))
    .send();
}

function sendFile(request: FastifyRequest, reply: FastifyReply, path: string): FastifyReply {
  const type = TYPES[extname(path).toLowerCase()];
  if (type !== undefined) reply.header("content-type", type);
  // Ignores the request's Cache-Control, as Go does. Only conditions such as If-None-Match can lead to a 304 response.
  delete request.raw.headers["cache-control"];
  return reply.sendFile(path, { contentType: type === undefined });
}

async function sendList(reply: FastifyReply, folder: string): Promise<FastifyReply> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name)).sort();
  const links = names.map((name) => `<a href="${escapedPath(name)}">${escapedHtml(name)}</a>\n`);
  return reply
    .header("content-type", "text/html; charset=utf-8")
    .send(`<!doctype html>\n<meta name="viewport" content="width=device-width">\n<pre>\n${links.join("")}</pre>\n`);
}

/**
 * Escapes a file name for a relative link. A colon must not make the browser read the start of the name as a URL
 * scheme.
 */
function escapedPath(name: string): string {
  const path = encodedPath(name);
  return name.includes(":") ? `./${path}` : path;
}

const encodedPath = (name: string): string => encodeURI(name).replace(/[?#]/g, encodeURIComponent);

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&#34;",
  "'": "&#39;",
};

const escapedHtml = (text: string): string => text.replace(/[&<>"']/g, (char) => ENTITIES[char]!);

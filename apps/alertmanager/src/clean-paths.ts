import { posix } from "node:path";
import { redirect } from "@narthex/http";
import type { FastifyInstance } from "fastify";

/** Sends a client whose path has `//`, `.` or `..` in it to the path that it means, as Go's router does. */
export function redirectUncleanPaths(app: FastifyInstance, prefix: string): void {
  app.addHook("onRequest", async (request, reply) => {
    const path = request.url.split("?")[0]!;
    const isFolder = path === `${prefix}/api/v2` || (path === prefix && prefix !== "");
    const clean = isFolder ? `${path}/` : cleanPath(path);
    return clean === path ? undefined : redirect(request, reply, clean, 301);
  });
}

function cleanPath(path: string): string {
  if (!/\/\/|\/\.\.?(?:\/|$)/.test(path)) return path;
  const clean = posix.normalize(path);
  return clean.startsWith("/") ? clean : `/${clean}`;
}

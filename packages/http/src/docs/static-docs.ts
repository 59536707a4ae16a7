import { readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import type { Clock, Host, Logger } from "@narthex/runtime";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { access } from "../server/access.ts";
import { docsFolder, ensureDocsSite } from "./docs-site.ts";

export interface StaticDocsOptions {
  readonly host: Pick<Host, "env" | "cwd" | "stopping">;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Content security policy of the documentation pages. Pages load styles, pictures and scripts only from this server,
 * and send no data.
 */
const CONTENT_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'self'",
  "form-action 'none'",
  "frame-ancestors 'self'",
].join("; ");

/** Longest time in ms that a request waits for a build of the site. Afterwards the old page is sent. */
const PATIENCE_MS = 2000;
const YEAR_MS = 31_536_000_000;

/**
 * Serves the documentation below `/docs/`. The files were compressed when the site was built. Links are relative, so
 * `/docs/` may have any prefix. The site of a checkout is built when a page is requested, and rebuilt after a page's
 * source has changed.
 */
export async function serveDocs(app: FastifyInstance, { host, clock, logger }: StaticDocsOptions): Promise<void> {
  const root = docsFolder(host);
  let building: Promise<void> | undefined;
  const upToDate = async (): Promise<void> => {
    building ??= ensureDocsSite(root, { clock, logger, signal: host.stopping }).finally(() => (building = undefined));
    const patience = new AbortController();
    await Promise.race([building, clock.sleep(PATIENCE_MS, patience.signal).catch(() => {})]);
    patience.abort();
  };
  // Redirects to an address that ends with a slash, because relative links need it. The redirect is relative, because a
  // proxy may have removed a prefix.
  app.get("/docs", access("read", { series: "none" }), (_request, reply) => reply.redirect("./docs/", 302));
  const { default: fastifyStatic } = await import("@fastify/static");
  await app.register(
    async (site) => {
      // Declares the access of the routes in a hook, because the plugin registers its routes itself.
      site.addHook(
        "onRoute",
        (route) => void (route.config = { ...route.config, ...access("read", { series: "none" }).config }),
      );
      site.addHook("onRequest", async (request, reply) => {
        if (!reply.hasHeader("content-security-policy")) reply.header("content-security-policy", CONTENT_POLICY);
        reply.header("x-content-type-options", "nosniff");
        if (isPage(request)) await upToDate();
      });
      const sendMissing = (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> =>
        sendMissingPage(request, reply, root, `${app.prefix}/docs/`);
      site.setNotFoundHandler(sendMissing);
      site.setErrorHandler((error, request, reply) => {
        // Answers a path that the plugin refuses because it is not canonical, such as a path with `..`. The server's
        // error handler handles other errors.
        if ((error as { code?: string }).code === "FST_STATIC_FORBIDDEN_PATH") return sendMissing(request, reply);
        throw error;
      });
      await site.register(fastifyStatic, {
        root,
        decorateReply: false,
        preCompressed: true,
        cacheControl: false,
        setHeaders(reply, path) {
          const isNamedByContent = relative(root, path).startsWith("assets");
          void reply.header(
            "cache-control",
            isNamedByContent ? `public, max-age=${YEAR_MS / 1000}, immutable` : "no-cache",
          );
        },
      });
    },
    { prefix: "/docs" },
  );
}

const isPage = ({ url }: FastifyRequest): boolean => /(?:\/|\.html)(?:\?|$)/.test(url);

/**
 * Sends the site's 404 page, or a short text if the site does not exist. The links of the 404 page are relative to the
 * root of the site.
 */
async function sendMissingPage(
  { url }: FastifyRequest,
  reply: FastifyReply,
  root: string,
  site: string,
): Promise<FastifyReply> {
  reply.type("text/html; charset=utf-8").header("cache-control", "no-cache");
  const below = url.split("?", 1)[0]!.slice(site.length);
  const base = "../".repeat(below.split("/").length - 1) || "./";
  try {
    const html = await readFile(join(root, "404.html"), "utf8");
    return await reply.code(404).send(html.replace("<head>", `<head><base href="${base}">`));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    return reply.code(503).header("retry-after", "3").header("refresh", "3").send(MISSING);
  }
}

const MISSING = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Documentation</title>
<main><h1>Documentation</h1><p>The documentation is being built, or could not be; the log says which.</p></main>
`;

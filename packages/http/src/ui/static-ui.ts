import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { join, resolve } from "node:path";
import type { Host } from "@narthex/runtime";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { access } from "../server/access.ts";
import { plainError } from "../server/go-router.ts";

/** Programs that have pages in the user interface. */
export type UiRole = "server" | "alertmanager" | "pushgateway" | "dashboards";

export interface StaticUiOptions {
  /** Folder of the built user interface: apps/ui/dist, or a folder next to a bundle. */
  readonly root: string;
  readonly role: UiRole;
  /** Paths of the program's web pages. All pages are the same HTML document. */
  readonly paths: readonly string[];
  /** Title of the HTML document, already escaped. */
  readonly title: string;
  /** Returns the text for each placeholder in the HTML document. The placeholders are replaced at each request. */
  readonly placeholders?: (request: FastifyRequest) => Readonly<Record<string, string>>;
  /**
   * Returns the API paths that a page will request, relative to the root of the program's pages. The browser can then
   * send these requests before it has loaded the page's code.
   */
  readonly answers?: (request: FastifyRequest) => readonly string[];
}

/** A web page at a path that is not in `paths`. */
export interface UiPage extends Pick<StaticUiOptions, "root" | "role" | "title"> {
  /**
   * Path of the page below the root of the program's pages: its route, such as `/d/:uid`, or what the address has in its
   * place. It determines the files that the document links.
   */
  readonly path: string;
  /**
   * Relative path from the page to the root of the program's pages, such as `./` or `../`. `toFiles` is the path to the
   * files of the user interface.
   */
  readonly toRole: string;
  readonly toFiles: string;
  readonly placeholders: Readonly<Record<string, string>>;
  /** API paths that the page will request, relative to the root of the program's pages. */
  readonly answers?: readonly string[];
}

/** Sends the HTML document of a page. Browsers must revalidate the document each time. */
export const sendUiPage = (reply: FastifyReply, page: UiPage): Promise<FastifyReply> =>
  sendPage(
    reply,
    page.root,
    {
      ROLE_PLACEHOLDER: page.role,
      ROOT_PLACEHOLDER: page.toRole,
      TITLE_PLACEHOLDER: page.title,
      // Replaces the paths of files, because the built document refers to files relative to its own path.
      '="./': `="${page.toFiles}`,
      ...page.placeholders,
    },
    (files) => preloadLinks(page, filesOf(page, reply.request.query as PageQuery, files)),
  );

type PageQuery = Readonly<Record<string, string | readonly string[]>>;

/** Returns the files of a page. If several entries of the build match the page, the last one is the most special. */
const filesOf = (
  { role, path }: UiPage,
  query: PageQuery,
  all: readonly PageFiles[],
): Pick<PageFiles, "first" | "later"> =>
  all.findLast(
    ({ role: ofRole, paths, parameter }) =>
      ofRole === role &&
      paths.includes(path) &&
      (parameter === undefined ||
        (parameter.value === undefined
          ? Object.hasOwn(query, parameter.name)
          : query[parameter.name] === parameter.value)),
  ) ?? { first: [], later: [] };

/**
 * Returns HTML elements for the document's head that make a browser fetch API answers and files early. Files that are
 * needed later are only listed; the page's code fetches them.
 */
function preloadLinks(
  { answers = [], toRole, toFiles }: UiPage,
  { first, later }: Pick<PageFiles, "first" | "later">,
): string {
  const fileLinks = first.map((file) =>
    file.endsWith(".css")
      ? `<link rel="preload" as="style" crossorigin href="${escapeHtml(toFiles + file)}">`
      : `<link rel="modulepreload" crossorigin href="${escapeHtml(toFiles + file)}">`,
  );
  const answerLinks = answers.map(
    (path) => `<link rel="preload" as="fetch" crossorigin href="${escapeHtml(toRole + path)}">`,
  );
  // Lists the later files in meta elements. Preload links would compete with the files that are needed to draw the
  // page.
  const laterFiles = later.map((file) => `<meta name="later-file" content="${escapeHtml(toFiles + file)}">`);
  return [...answerLinks, ...fileLinks, ...laterFiles].map((link) => `    ${link}\n`).join("");
}

const escapeHtml = (text: string): string => text.replaceAll(/[&"<>]/g, (letter) => `&#${letter.charCodeAt(0)};`);

/** Returns the relative path from a page to the root folder, such as `../../`. */
export const upwardFrom = (path: string): string => "../".repeat(path.split("/").length - 2) || "./";

/**
 * Serves the built UI. Sends hashed assets in the compression of the build; they may be cached for long. Browsers must
 * request the HTML document again at each visit.
 */
export async function serveUi(app: FastifyInstance, options: StaticUiOptions): Promise<void> {
  const { root, role, title, placeholders } = options;
  // Answers the errors of the plugin that serves the files. The plugin throws an error if a path is not canonical, such
  // as a path with `..`.
  app.setErrorHandler((_error, _request, reply) => plainError(reply, 404, "404 page not found"));
  const { default: fastifyStatic } = await import("@fastify/static");
  await app.register(async (assets) => {
    // Declares the access of the routes in a hook, because the plugin registers its routes itself.
    assets.addHook(
      "onRoute",
      (route) => void (route.config = { ...route.config, ...access("read", { scope: "open" }).config }),
    );
    await assets.register(fastifyStatic, {
      root: join(root, "assets"),
      prefix: "/assets/",
      decorateReply: false,
      preCompressed: true,
      immutable: true,
      maxAge: 31_536_000_000,
      wildcard: true,
    });
  });
  const show = (
    request: FastifyRequest,
    reply: FastifyReply,
    path: string,
    answers: readonly string[] = [],
  ): Promise<FastifyReply> => {
    const upward = upwardFrom(path);
    return sendUiPage(reply, {
      root,
      role,
      title,
      path,
      toRole: upward,
      toFiles: upward,
      placeholders: placeholders?.(request) ?? {},
      answers,
    });
  };
  for (const path of options.paths)
    app.get(path, access("read", { series: "none" }), (request, reply) =>
      show(request, reply, path, options.answers?.(request)),
    );
  app.unknownPathPages?.push((request, reply) => {
    const path = lostReaderPath(request, app.prefix);
    return path === undefined ? undefined : show(request, reply.code(404).header("vary", "Accept"), path);
  });
  for (const name of ["favicon.svg", "manifest.json"]) {
    app.get(`/${name}`, access("read", { scope: "open" }), async (_request, reply) => {
      const body = await readFile(join(root, name)).catch(() => undefined);
      if (body === undefined) return reply.code(404).send();
      return reply.header("content-type", name.endsWith(".svg") ? "image/svg+xml" : "application/json").send(body);
    });
  }
}

/** Matches paths that only programs request. Unknown paths of this kind never get a web page as answer. */
const NO_PAGES = /^\/(?:api|-|assets|consoles|debug|federate|metrics|user)(?:\/|$)/;

/**
 * Returns the path below the prefix if a browser has requested an unknown path as a page; undefined for other clients.
 */
function lostReaderPath({ method, url, headers }: FastifyRequest, prefix: string): string | undefined {
  if (method !== "GET" || !/\btext\/html\b/.test(headers.accept ?? "")) return undefined;
  const path = url.split("?", 1)[0]!;
  if (!path.startsWith(`${prefix}/`)) return undefined;
  const below = path.slice(prefix.length);
  return NO_PAGES.test(below) ? undefined : below;
}

/** The files that pages need, from the build. */
interface PageFiles {
  readonly role: UiRole;
  /** Paths of the pages, with the names of parameters. */
  readonly paths: readonly string[];
  /** A parameter of the address that the pages have. Without a value, any value matches. */
  readonly parameter?: { readonly name: string; readonly value?: string };
  /** Files without which the page cannot be drawn. */
  readonly first: readonly string[];
  /** Files that the page fetches after its first drawing. */
  readonly later: readonly string[];
}

async function sendPage(
  reply: FastifyReply,
  root: string,
  words: Readonly<Record<string, string>>,
  linksOf: (files: readonly PageFiles[]) => string,
): Promise<FastifyReply> {
  reply.header("content-type", "text/html; charset=utf-8").header("cache-control", "no-cache");
  let [html, links] = ["", ""];
  try {
    html = await readFile(join(root, "index.html"), "utf8");
    links = linksOf(await pageFiles(root));
  } catch {
    if (reply.statusCode === 404) return plainError(reply, 404, "404 page not found");
    return reply.code(503).send(MISSING);
  }
  for (const [word, value] of Object.entries(words)) html = html.replaceAll(word, value);
  // Splits the text instead of replacing a part, because `replace` would interpret dollar signs in an address.
  const [head, ...rest] = html.split("  </head>");
  return reply.send(links === "" ? html : [head! + links, ...rest].join("  </head>"));
}

/** Returns the list of page files that the build has written. The list is empty for an older build. */
async function pageFiles(root: string): Promise<readonly PageFiles[]> {
  try {
    const files: unknown = JSON.parse(await readFile(join(root, "preloads.json"), "utf8"));
    return Array.isArray(files) ? files : [];
  } catch {
    return [];
  }
}

const MISSING = `<!doctype html><meta charset="utf-8"><title>Narthex</title><meta http-equiv="refresh" content="3">
<p>The user interface is being built, or could not be; the server's log says which. The API under /api/ works.</p>
`;

/**
 * Returns the folder of the built user interface: NARTHEX_UI_DIR, `ui` next to a bundle, or the app in the workspace.
 * @param from the app's import.meta.url
 */
export function uiFolder({ env, cwd }: Pick<Host, "env" | "cwd">, from: string): string {
  const given = env["NARTHEX_UI_DIR"] ?? "";
  if (given !== "") return resolve(cwd, given);
  return fileURLToPath(new URL(from.endsWith(".ts") ? "../../ui/dist" : "./ui", from));
}

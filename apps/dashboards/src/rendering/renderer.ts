import type { MetricFamily } from "@narthex/exposition";
import { parseListenAddress, reachableHost } from "@narthex/runtime";
import type { Context } from "../context.ts";
import { refusal } from "../web/refusal.ts";
import { findBrowser } from "./browser/find-browser.ts";
import { withBrowser } from "./browser/browser-process.ts";
import { pagePicture } from "./browser/page-picture.ts";
import { hostAndPort, renderedPage } from "./page-address.ts";
import { RenderError } from "./render-error.ts";
import { RENDER_COOKIE, type RenderKeys } from "./render-keys.ts";
import { RenderQueue } from "./render-queue.ts";
import type { RenderRequest } from "./render-request.ts";

/** Draws a rendering without a browser. */
export type DrawWithoutBrowser = (request: RenderRequest, signal: AbortSignal) => Promise<Uint8Array>;

interface OwnServer {
  readonly listenAddress: string;
  readonly isSecure: boolean;
}

const MIB = 1024 * 1024;

/** Renders dashboards and panels to pictures and documents, with a browser if there is one. */
export class Renderer {
  readonly #context: Context;
  readonly #keys: RenderKeys;
  readonly #draw: DrawWithoutBrowser | undefined;
  readonly #queue = new RenderQueue();
  readonly #counts = { success: 0, failure: 0 };
  readonly #onReady: (() => void)[] = [];
  #seconds = 0;
  /** Address at which this server listens, and whether it uses TLS; undefined before its start. */
  #own: OwnServer | undefined;

  /** @param draw draws renderings if there is no browser */
  constructor(context: Context, keys: RenderKeys, draw?: DrawWithoutBrowser) {
    this.#context = context;
    this.#keys = keys;
    this.#draw = draw;
  }

  /**
   * Sets the addresses at which this server listens, and whether it uses TLS. The browser opens its pages at the first
   * of them.
   */
  listensAt([first]: readonly string[], isSecure: boolean): void {
    this.#own = first === undefined ? undefined : { listenAddress: loopbackOf(first), isSecure };
    for (const listener of this.#onReady.splice(0)) listener();
  }

  /** Calls the listener when this server listens, so that the browser can open its pages. */
  whenReady(listener: () => void): void {
    this.#onReady.push(listener);
  }

  /** Path of the browser; undefined without a browser. */
  get browser(): string | undefined {
    const { host, settings } = this.#context;
    return findBrowser(host, settings["rendering.browser"]);
  }

  /** True if pictures can be rendered. */
  get isAvailable(): boolean {
    return this.browser !== undefined || this.#draw !== undefined;
  }

  /** Renders a page. Rejects with RenderError or a refusal. */
  async render(request: RenderRequest, signal: AbortSignal): Promise<Uint8Array> {
    const { clock } = this.#context;
    const account = request.principal.identity?.id ?? 0;
    return this.#queue.run(account, signal, async () => {
      const startedAt = clock.monotonic();
      try {
        const bytes = await this.#rendered(request, signal);
        this.#counts.success++;
        return bytes;
      } catch (error) {
        this.#counts.failure++;
        throw error;
      } finally {
        this.#seconds += (clock.monotonic() - startedAt) / 1000;
      }
    });
  }

  #rendered(request: RenderRequest, signal: AbortSignal): Promise<Uint8Array> {
    const program = this.browser;
    if (program !== undefined) return this.#inBrowser(program, request, signal);
    if (this.#draw !== undefined) return this.#draw(request, signal);
    throw refusal(501, "no browser was found that renders pictures: install Chromium, or set rendering.browser");
  }

  #inBrowser(program: string, request: RenderRequest, signal: AbortSignal): Promise<Uint8Array> {
    const { host, clock, settings, address } = this.#context;
    if (this.#own === undefined) throw new RenderError("this server does not listen yet");
    const { listenAddress, isSecure } = this.#own;
    const { principal, dashboardUid, timeoutMs } = request;
    const origin = `${isSecure ? "https" : "http"}://${address.host}`;
    const options = {
      clock,
      env: host.env,
      program,
      hasSandbox: settings["rendering.sandbox"],
      maxBytes: settings["rendering.memory_limit_mb"] * MIB,
      timeoutMs,
      host: hostAndPort(origin),
      listenAddress,
      signal,
    };
    return this.#keys.withKey({ principal, dashboardUid }, timeoutMs, (value) =>
      withBrowser(options, (pipe) =>
        pagePicture(pipe, {
          url: renderedPage(origin, address, request),
          cookie: { name: RENDER_COOKIE, value },
          request,
        }),
      ),
    );
  }

  families(): readonly MetricFamily[] {
    return [
      {
        name: "narthex_dashboards_renderings_total",
        help: "Renderings of dashboards and panels to pictures and documents, by result.",
        type: "counter",
        samples: Object.entries(this.#counts).map(([result, value]) => ({
          suffix: "",
          labels: ["result", result],
          value,
        })),
      },
      {
        name: "narthex_dashboards_rendering_seconds_total",
        help: "Time of all renderings.",
        type: "counter",
        samples: [{ suffix: "", labels: [], value: this.#seconds }],
      },
      {
        name: "narthex_dashboards_renderings_waiting",
        help: "Renderings that wait or run.",
        type: "gauge",
        samples: [{ suffix: "", labels: [], value: this.#queue.length }],
      },
    ];
  }
}

/** Returns an address with which a program of this machine connects to a listen address. */
function loopbackOf(address: string): string {
  const { host, port } = parseListenAddress(address);
  const name = reachableHost(host);
  return `${name.includes(":") ? `[${name}]` : name}:${port}`;
}

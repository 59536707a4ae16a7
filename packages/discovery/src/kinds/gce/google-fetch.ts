import type { DiscoveryClient } from "../../discovery-client.ts";

/** Returns a `fetch` for Google's library, so that requests for tokens have the proxy and the limits of discovery. */
export const fetchWith =
  (client: DiscoveryClient, timeoutMs: number): typeof fetch =>
  async (input, init) => {
    const request = new Request(input, init);
    const body = await request.text();
    const answer = await client.request(request.url, {
      method: request.method === "POST" ? "POST" : "GET",
      headers: Object.fromEntries(request.headers),
      ...(body !== "" && { body, bodyHoldsSecret: true }),
      timeoutMs,
    });
    const type = String(answer.headers["content-type"] ?? "");
    return new Response(answer.text, { status: answer.status, headers: type === "" ? {} : { "content-type": type } });
  };

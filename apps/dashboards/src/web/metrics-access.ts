import { createHash, timingSafeEqual } from "node:crypto";
import type { FastifyInstance } from "fastify";
import type { Settings } from "../settings/setting-table.ts";
import { refusal } from "./refusal.ts";

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

/**
 * Requires the credentials in `metrics.basic_auth_username` and `metrics.basic_auth_password` for all routes, if they
 * are set. These credentials are for scrapers and are not those of a user.
 */
export function askForScraper(app: FastifyInstance, settings: Settings): void {
  const [user, password] = [settings["metrics.basic_auth_username"], settings["metrics.basic_auth_password"]];
  if (user === "" || password === "") return;
  const expected = digest(`Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`);
  app.addHook("onRequest", async ({ headers }, reply) => {
    if (timingSafeEqual(digest(headers.authorization ?? ""), expected)) return;
    reply.header("www-authenticate", 'Basic realm="metrics"');
    throw refusal(401, "Unauthorized");
  });
}

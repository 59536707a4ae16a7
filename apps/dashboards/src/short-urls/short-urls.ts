import type { Feature } from "@narthex/http";
import { needs } from "../auth/rights.ts";
import type { Context } from "../context.ts";
import type { Stores } from "../state/stores.ts";
import { isUid } from "../state/uids.ts";
import { localPath } from "../web/local-path.ts";
import { refusal } from "../web/refusal.ts";
import { bodyOfRequest, pathParameter, textAt } from "../web/request-body.ts";
import { ShortUrls } from "./short-url-store.ts";

const MAX_PATH = 65_536;
const DAY_MS = 86_400_000;

export async function openShortUrls({ clock, address, settings }: Context, { store }: Stores): Promise<Feature> {
  const urls = await ShortUrls.open(store, clock, { unseenMs: settings["short_links.expire_time"] * DAY_MS });
  return {
    name: "short URLs",
    routes({ app }) {
      app.post(
        "/api/short-urls",
        { ...needs("viewer", "shorturls:create"), bodyLimit: 2 * MAX_PATH },
        async (request) => {
          const path = textAt(bodyOfRequest(request), "path").trim();
          if (path === "" || path.length > MAX_PATH || localPath(`/${path}`) === undefined || path.includes("../")) {
            throw refusal(400, "invalid path: a path below the root, without a slash at its beginning");
          }
          const uid = await urls.add(path, request.principal.name);
          return { uid, url: `${address.url}/goto/${uid}?orgId=1` };
        },
      );
      app.get("/goto/:uid", needs("page"), async (request, reply) => {
        const uid = pathParameter(request, "uid");
        const found = isUid(uid) ? await urls.open(uid) : undefined;
        const path = found === undefined ? undefined : localPath(`/${found}`);
        return reply
          .code(302)
          .header("location", `${address.path}${path ?? "/"}`)
          .send();
      });
    },
  };
}

import type { Feature } from "@narthex/http";
import { needs } from "../auth/rights.ts";
import type { Context } from "../context.ts";
import type { Stores } from "../state/stores.ts";
import { isUid, newUid } from "../state/uids.ts";
import { localPath } from "../web/local-path.ts";
import { refusal } from "../web/refusal.ts";
import { bodyOfRequest, pathParameter, textAt } from "../web/request-body.ts";

/** A short name of a page's address. */
interface ShortUrl {
  readonly uid: string;
  /** Below the root, without a slash at its beginning. */
  readonly path: string;
  readonly createdBy: string;
  /** Epoch ms. */
  readonly createdAt: number;
}

const MAX_PATH = 65_536;

/** They stay in the store: whoever may look may make as many as they like, and all of them would fill the memory. */
export function openShortUrls({ clock, address }: Context, { store }: Stores): Feature {
  const urls = store.collection("short_urls");
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
          const uid = newUid();
          const made: ShortUrl = { uid, path, createdBy: request.principal.name, createdAt: clock.now() };
          await urls.put({ key: uid, value: JSON.stringify(made), expiresAt: Number.MAX_SAFE_INTEGER });
          return { uid, url: `${address.url}/goto/${uid}?orgId=1` };
        },
      );
      app.get("/goto/:uid", needs("page"), async (request, reply) => {
        const uid = pathParameter(request, "uid");
        const found = isUid(uid) ? await urls.get(uid) : undefined;
        const path = found === undefined ? undefined : localPath(`/${(JSON.parse(found.value) as ShortUrl).path}`);
        return reply
          .code(302)
          .header("location", `${address.path}${path ?? "/"}`)
          .send();
      });
    },
  };
}

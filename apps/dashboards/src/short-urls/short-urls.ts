import type { Feature } from "@narthex/http";
import { needs } from "../auth/rights.ts";
import type { Context } from "../context.ts";
import { Documents } from "../state/documents.ts";
import type { Stores } from "../state/stores.ts";
import { newUid } from "../state/uids.ts";
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

/** Rejects with StoreError. */
export async function openShortUrls({ clock, address }: Context, { store }: Stores): Promise<Feature> {
  const urls = await Documents.open<ShortUrl>(store.collection("short_urls"));
  return {
    name: "short URLs",
    routes({ app }) {
      app.post("/api/short-urls", needs("viewer", "shorturls:create"), async (request) => {
        const path = textAt(bodyOfRequest(request), "path").trim();
        if (path === "" || path.length > MAX_PATH || localPath(`/${path}`) === undefined || path.includes("../")) {
          throw refusal(400, "invalid path: a path below the root, without a slash at its beginning");
        }
        const uid = newUid();
        await urls.put(uid, { uid, path, createdBy: request.principal.name, createdAt: clock.now() });
        return { uid, url: `${address.url}/goto/${uid}?orgId=1` };
      });
      app.get("/goto/:uid", needs("page"), (request, reply) => {
        const found = urls.get(pathParameter(request, "uid"));
        const path = found === undefined ? undefined : localPath(`/${found.path}`);
        return reply
          .code(302)
          .header("location", `${address.path}${path ?? "/"}`)
          .send();
      });
    },
  };
}

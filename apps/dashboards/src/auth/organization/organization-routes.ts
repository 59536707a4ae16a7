import type { FastifyInstance, FastifyRequest } from "fastify";
import { badRequest, refusal } from "../../web/refusal.ts";
import { type Body, bodyOfRequest, countParameter, pathParameter, queryOf, textAt } from "../../web/request-body.ts";
import { ORG } from "../users/profile-view.ts";
import { needs } from "../rights.ts";
import { ADDRESS_PARTS, type Address, type Organization } from "./organization.ts";

const WRITE = needs("admin", "orgs:write");
const READ_ANY = needs("server-admin", "orgs:read");
const WRITE_ANY = needs("server-admin", "orgs:write");

/** Adds the routes for the organization itself. As in Grafana, `/api/orgs` is for admins of the server. */
export function organizationRoutes(app: FastifyInstance, organization: Organization): void {
  const rename = async (request: FastifyRequest): Promise<object> => {
    await organization.rename(textAt(bodyOfRequest(request), "name"));
    return { message: "Organization updated" };
  };
  const setAddress = async (request: FastifyRequest): Promise<object> => {
    await organization.setAddress(addressIn(bodyOfRequest(request)));
    return { message: "Address updated" };
  };
  app.get("/api/org", needs("viewer"), () => organization.details);
  app.put("/api/org", WRITE, rename);
  app.put("/api/org/address", WRITE, setAddress);
  app.get("/api/orgs/:id", READ_ANY, (request) => (checkOrganization(request), organization.details));
  app.put("/api/orgs/:id", WRITE_ANY, (request) => (checkOrganization(request), rename(request)));
  app.put("/api/orgs/:id/address", WRITE_ANY, (request) => (checkOrganization(request), setAddress(request)));
  app.get("/api/orgs/name/:name", READ_ANY, (request) => {
    if (pathParameter(request, "name") !== organization.name) throw notFound();
    return organization.details;
  });
  listRoutes(app, organization);
}

/**
 * Adds the routes that list, add and delete organizations. Adding and deleting always fails, because there is exactly
 * one organization.
 */
function listRoutes(app: FastifyInstance, organization: Organization): void {
  app.get("/api/orgs", READ_ANY, (request) => {
    const query = queryOf(request);
    const [words, name] = [(query.get("query") ?? "").toLowerCase(), query.get("name") ?? ""];
    const isWanted = organization.name.toLowerCase().includes(words) && (name === "" || name === organization.name);
    // Page 0 and page 1 both mean the first page here, unlike in lists of users.
    return isWanted && countParameter(query, "page", 1, 2) === 1 ? [organization.summary] : [];
  });
  app.post("/api/orgs", needs("server-admin", "orgs:create"), (request) => {
    const name = textAt(bodyOfRequest(request), "name");
    if (name === "") throw badRequest();
    if (name === organization.name) throw refusal(409, "Organization name taken");
    throw refusal(
      400,
      "This server has one organization: separate people by teams and folders with permissions, or start another server for the new organization",
    );
  });
  app.delete("/api/orgs/:id", needs("server-admin", "orgs:delete"), (request) => {
    if (!isOurs(request)) throw refusal(404, "Failed to delete organization. ID not found");
    throw refusal(400, "Cannot delete your active organization");
  });
}

const isOurs = (request: FastifyRequest): boolean => pathParameter(request, "id") === String(ORG.id);
const notFound = (): Error => refusal(404, "Organization not found");

/** Throws Refusal if the path names another organization. */
export function checkOrganization(request: FastifyRequest): void {
  if (!isOurs(request)) throw notFound();
}

function addressIn(body: Body): Address {
  return Object.fromEntries(ADDRESS_PARTS.map((part) => [part, textAt(body, part)])) as Address;
}

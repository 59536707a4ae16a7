import "../../styles/mantine.css";
import { Anchor, Box } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { PageHeader } from "../../../shell/PageHeader.tsx";
import { Fetched } from "../frame/Fetched.tsx";
import { PermissionEditor } from "./PermissionEditor.tsx";
import { permissionsQuery, type PlaceKind } from "./permissions-api.ts";

const NAMES: Readonly<Record<PlaceKind, string>> = {
  folders: "folder",
  dashboards: "dashboard",
  datasources: "data source",
  serviceaccounts: "service account",
};

/** The page of the permissions of a folder, a dashboard or a data source. */
export function PermissionsPage({
  kind,
  uid,
  back,
}: {
  kind: PlaceKind;
  uid: string;
  /** Title and path of the link above the permissions, which leads back to the object's page. */
  back: { readonly path: string; readonly name: string };
}) {
  const { data, error, refetch } = useQuery(permissionsQuery(kind, uid));
  return (
    <>
      <PageHeader title={`Permissions of the ${NAMES[kind]}${data === undefined ? "" : ` ${data.title}`}`}>
        <Anchor component={Link} to={back.path} size="sm">
          {back.name}
        </Anchor>
      </PageHeader>
      <Box maw={900}>
        <Fetched result={{ data, error, refetch }} label="Loading permissions">
          {(permissions) => <PermissionEditor key={`${kind} ${uid}`} kind={kind} permissions={permissions} />}
        </Fetched>
      </Box>
    </>
  );
}

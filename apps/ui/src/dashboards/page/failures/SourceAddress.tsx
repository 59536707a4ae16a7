import { Anchor } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { fetchJson } from "../../../api/request.ts";
import { rootPath } from "../../../api/root-path.ts";
import { useViewer } from "../../../shell/viewer.ts";

/** The address of a data source, with a link to its settings. Only administrators may read it from the server. */
export default function SourceAddress({ uid }: { uid: string }) {
  const path = encodeURIComponent(uid);
  const isAdmin = useViewer()?.isOrgAdmin === true;
  const { data } = useQuery({
    queryKey: ["data source", uid, "address"],
    queryFn: ({ signal }) =>
      fetchJson<{ readonly url?: string }>(`${rootPath}/api/datasources/uid/${path}`, { signal }),
    enabled: isAdmin,
    retry: false,
  });
  if (!isAdmin) return null;
  // A user and a password in the address are not shown.
  const url = URL.parse(data?.url ?? "");
  return (
    <>
      {url !== null && (
        <>
          {" "}
          Its address is <code>{`${url.protocol}//${url.host}${url.pathname === "/" ? "" : url.pathname}`}</code>.
        </>
      )}{" "}
      <Anchor component={Link} to={`/connections/datasources/edit/${path}`} inherit>
        Settings
      </Anchor>
    </>
  );
}

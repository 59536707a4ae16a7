import { useQuery } from "@tanstack/react-query";
import { callBare } from "../../api/request.ts";
import { rootPath } from "../../api/root-path.ts";

interface FrontendSettings {
  readonly user?: { readonly orgRole?: string; readonly isGrafanaAdmin?: boolean };
}

/** Whether who looks at the page may make and change dashboards and folders; undefined until it is known. */
export function useIsEditor(): boolean | undefined {
  const { data } = useQuery({
    queryKey: ["viewer rights"],
    queryFn: async ({ signal }) => {
      const { user } = await callBare<FrontendSettings>(`${rootPath}/api/frontend/settings`, { signal });
      return user?.orgRole === "Editor" || user?.orgRole === "Admin" || user?.isGrafanaAdmin === true;
    },
    staleTime: Infinity,
  });
  return data;
}

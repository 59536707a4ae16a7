import { Anchor, List, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Fetched } from "../frame/Fetched.tsx";
import { type SourceSettings, sourceUsesQuery } from "./data-sources-api.ts";

/** Lists the dashboards whose panels show an error after a data source was deleted. */
export function SourceUseList({ source: { uid, isDefault } }: { source: SourceSettings }) {
  const { data, error, refetch } = useQuery(sourceUsesQuery(uid));
  return (
    <Fetched result={{ data, error, refetch }} label="Looking for dashboards that use the data source">
      {({ count, dashboards }) => (
        <>
          {count === 0
            ? "No dashboard that you can see names this data source."
            : `Panels of ${count === 1 ? "this dashboard" : `these ${count} dashboards`} show an error afterwards:`}
          {count > 0 && (
            <List size="sm" mt={4}>
              {dashboards.map(({ uid: dashboard, title, url }) => (
                <List.Item key={dashboard}>
                  <Anchor href={url} size="sm">
                    {title}
                  </Anchor>
                </List.Item>
              ))}
            </List>
          )}
          {count > dashboards.length && <Text size="sm">… and {count - dashboards.length} more</Text>}
          <Text size="sm" mt={4}>
            Library panels, and dashboards that choose the data source by a variable, are not in this list.
          </Text>
          {isDefault && (
            <Text size="sm" mt={4}>
              This is the default data source: panels that name no data source use it too.
            </Text>
          )}
        </>
      )}
    </Fetched>
  );
}

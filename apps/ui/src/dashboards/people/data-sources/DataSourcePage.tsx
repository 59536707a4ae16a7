import { Anchor, Box, Group } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "react-router";
import { ErrorMessage } from "../../../shell/StatusMessage.tsx";
import { sourcesQuery } from "../../data/dashboard-queries.ts";
import { AdministrationPage } from "../frame/AdministrationPage.tsx";
import { DeleteButton } from "../frame/DeleteButton.tsx";
import { Fetched } from "../frame/Fetched.tsx";
import { Section } from "../frame/Section.tsx";
import { useChange } from "../frame/use-change.ts";
import { deleteSource, sourceKindsQuery, type SourceSettings, sourceSettingsQuery } from "./data-sources-api.ts";
import { SourceUseList } from "./SourceUseList.tsx";
import { SourceForm } from "./SourceForm.tsx";

/** Page that shows and edits the settings of one data source. */
export default function DataSourcePage() {
  const { uid = "" } = useParams();
  const { data, error, refetch } = useQuery(sourceSettingsQuery(uid));
  const kinds = useQuery(sourceKindsQuery);
  const kind = kinds.data?.find(({ types }) => types.includes(data?.type ?? ""));
  return (
    <AdministrationPage
      title={data === undefined ? "Data source" : `Data source ${data.name}`}
      summary={
        <Group gap="md">
          <Anchor component={Link} to="/connections/datasources" size="sm">
            All data sources
          </Anchor>
          {data !== undefined && (kind?.name ?? data.type)}
        </Group>
      }
    >
      {() => (
        <Fetched result={{ data, error, refetch }} label="Loading the data source">
          {(settings) => (
            <Fetched
              result={{ data: kinds.data, error: kinds.error, refetch: kinds.refetch }}
              label="Loading the kinds of data sources"
            >
              {() => (
                <Box maw={900} key={settings.uid}>
                  <SourceForm settings={settings} kind={kind} />
                  {!settings.readOnly && <Deletion source={settings} />}
                </Box>
              )}
            </Fetched>
          )}
        </Fetched>
      )}
    </AdministrationPage>
  );
}

function Deletion({ source }: { source: SourceSettings }) {
  const { uid, name } = source;
  const navigate = useNavigate();
  const remove = useChange(() => deleteSource(uid), [sourcesQuery.queryKey], {
    done: `The data source ${name} was deleted`,
    after: () => void navigate("/connections/datasources"),
  });
  return (
    <Section title="Delete" about={<SourceUseList source={source} />}>
      {remove.error !== null && <ErrorMessage error={remove.error} />}
      <DeleteButton kind="data source" change={remove}>
        Panels that query “{name}” show an error afterwards. The dashboards stay.
      </DeleteButton>
    </Section>
  );
}

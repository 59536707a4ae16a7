import { hasFeature, type SourceListing } from "@narthex/dashboards";
import "../styles/mantine.css";
import { Button, Text } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearchParams } from "react-router";
import { PageHeader } from "../../shell/PageHeader.tsx";
import { EmptyMessage, ErrorMessage, LoadingMessage } from "../../shell/StatusMessage.tsx";
import { saveDashboard } from "../edit/save/dashboard-writes.ts";
import { OpenDashboard } from "../page/OpenDashboard.tsx";
import { generate, type Generated, type GenerateChoice } from "./generate-api.ts";
import { GenerateForm } from "./GenerateForm.tsx";
import { sourcesQuery } from "../data/dashboard-queries.ts";

/**
 * Generates a dashboard for the metrics of a job, or for the metrics that a search finds, so that the user need not
 * write queries.
 */
export default function GeneratePage() {
  const sources = useQuery(sourcesQuery);
  const prometheus = (sources.data ?? []).filter((source) => hasFeature(source, "metrics"));
  return (
    <>
      <PageHeader title="Dashboard from metrics" />
      {sources.error !== null && <ErrorMessage error={sources.error} onRetry={() => void sources.refetch()} />}
      {sources.isPending && <LoadingMessage />}
      {sources.data !== undefined && prometheus.length === 0 && (
        <EmptyMessage title="There is no data source with metrics">
          Add a data source of the type Prometheus.
        </EmptyMessage>
      )}
      {prometheus.length > 0 && <Metrics sources={sources.data!} prometheus={prometheus} />}
    </>
  );
}

function Metrics({ sources, prometheus }: { sources: readonly SourceListing[]; prometheus: readonly SourceListing[] }) {
  const [params, setParams] = useSearchParams();
  const usual = prometheus.find(({ isDefault }) => isDefault) ?? prometheus[0];
  const choice: GenerateChoice = {
    source: params.get("source") ?? usual?.uid ?? "",
    job: params.get("job") ?? "",
    search: params.get("search") ?? "",
  };
  const isChosen = choice.job !== "" || choice.search !== "";
  const { data, error, isFetching, refetch } = useQuery({
    queryKey: ["generated", choice],
    queryFn: ({ signal }) => generate(choice, sources, signal),
    enabled: isChosen,
    staleTime: Infinity,
  });
  return (
    <>
      <GenerateForm
        choice={choice}
        sources={prometheus}
        onSubmit={({ source, job, search }) => setParams(new URLSearchParams({ source, job, search }))}
      />
      {!isChosen && (
        <Text c="dimmed">Choose a job, or search for metrics by words in their names, to see them as graphs.</Text>
      )}
      {error !== null && <ErrorMessage error={error} onRetry={() => void refetch()} />}
      {isChosen && isFetching && data === undefined && <LoadingMessage label="Loading the metrics" />}
      {data !== undefined && data.metrics === 0 && (
        <EmptyMessage title="No metrics found">
          No series of the last hour has this job and these words in its name.
        </EmptyMessage>
      )}
      {data !== undefined && data.metrics > 0 && (
        <OpenDashboard
          key={JSON.stringify(choice)}
          dashboard={data.dashboard}
          meta={{}}
          sources={sources}
          tools={<SaveButton generated={data} />}
        />
      )}
    </>
  );
}

function SaveButton({ generated }: { generated: Generated }) {
  const navigate = useNavigate();
  const { mutate, isPending, error } = useMutation({
    mutationFn: () =>
      saveDashboard({ dashboard: generated.json, folderUid: "", message: "Generated from metrics", overwrite: false }),
    onSuccess: ({ uid }) => void navigate(`/d/${encodeURIComponent(uid)}`),
  });
  return (
    <>
      {error !== null && <ErrorMessage error={error} />}
      <Button size="xs" loading={isPending} onClick={() => mutate()}>
        Save as a dashboard
      </Button>
    </>
  );
}

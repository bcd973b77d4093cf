// Puts the edge together: who may read it, who is talking, then the routes, then the pages.
import { Hono } from 'hono';
import type { Admission } from '../commands/admission.ts';
import type { CommandContext } from '../commands/context.ts';
import type { Sequencer } from '../commands/sequencer.ts';
import type { FederationContext } from '../federation/context.ts';
import type { VerifyOwner } from '../net/owner-credentials.ts';
import type { KeyResolver } from '../protocol/object.ts';
import type { RequestKeyLookup } from '../protocol/request-signature.ts';
import type { SignatureAgentCompat } from '../protocol/signature-agent.ts';
import { authenticate } from './authenticate.ts';
import { countRequests } from './count-requests.ts';
import { allowAnyOrigin } from './cross-origin.ts';
import type { Reads } from './demand.ts';
import type { Edge, EdgeApp } from './edge.ts';
import { answerFailure } from './failure.ts';
import { createInnerApi } from './inner-api.ts';
import type { Limits } from './limits.ts';
import type { StreamHub } from './live/hub.ts';
import type { Logger } from './logger.ts';
import type { Metrics } from './metrics.ts';
import { refuse } from './problem.ts';
import { logRequests } from './request-log.ts';
import { rideCheckpoints } from './ride-checkpoints.ts';
import { mountA2a } from './routes/a2a.ts';
import { mountActivities } from './routes/activities.ts';
import { type ActivityPubRoutes, mountActivityPub } from './routes/activitypub.ts';
import { mountAdmissions } from './routes/admissions.ts';
import { mountAgents } from './routes/agents.ts';
import { mountCheckpoints } from './routes/checkpoints.ts';
import { mountDelegations } from './routes/delegations.ts';
import { mountDids } from './routes/dids.ts';
import { type DiscoveryOptions, mountDiscovery } from './routes/discovery.ts';
import { type EnrolmentsOptions, mountEnrolments } from './routes/enrolments.ts';
import { mountFederation } from './routes/federation.ts';
import { mountHealth } from './routes/health.ts';
import { mountHome } from './routes/home.ts';
import { type LogsOptions, mountLogs } from './routes/logs.ts';
import { mountMessages } from './routes/messages.ts';
import { type MetricsAccess, mountMetrics } from './routes/metrics.ts';
import { mountNotifications } from './routes/notifications.ts';
import { mountObjects } from './routes/objects.ts';
import { mountOpenApi } from './routes/openapi.ts';
import { mountPosts } from './routes/posts.ts';
import { mountSearch } from './routes/search.ts';
import { mountSkill } from './routes/skill.ts';
import { mountStanding } from './routes/standing.ts';
import { mountStats } from './routes/stats.ts';
import { mountStream } from './routes/stream.ts';
import { mountSubmolts } from './routes/submolts.ts';
import { mountWitness } from './routes/witness.ts';
import type { SkillOptions } from './skill-set.ts';

export interface AppOptions
  extends Pick<DiscoveryOptions, 'name' | 'software'>,
    Pick<EnrolmentsOptions, 'enrolledKeys' | 'enrolmentRoom'>,
    Pick<LogsOptions, 'archives' | 'contexts' | 'didDocuments'>,
    Pick<SkillOptions, 'agentRates' | 'heartbeatSeconds' | 'skill'> {
  readonly sequencer: Sequencer;
  readonly resolveKey: KeyResolver;
  readonly verifyOwner: VerifyOwner;
  readonly context: CommandContext;
  readonly reads: Reads;
  readonly lookupKey: RequestKeyLookup;
  /** Which older forms of Signature-Agent are taken; all unless told. */
  readonly compat?: SignatureAgentCompat;
  readonly log: Logger;
  /** Who may write for the first time; everybody unless told. */
  readonly admission?: Admission;
  /** How often requests may come; as often as they like unless told. */
  readonly limits?: Limits;
  /** Counts, if anything does, and who may read it: this machine unless told. */
  readonly metrics?: Metrics;
  readonly metricsAccess?: MetricsAccess;
  /** Tells readers of the stream what comes. */
  readonly streams: StreamHub;
  /** Asked by /readyz. */
  readonly ready: () => Promise<boolean>;
  /** Logs of this node that are held; none unless told. */
  readonly held?: () => Promise<readonly string[]>;
  /** What the routes between nodes act on; without it there are none. */
  readonly federation?: FederationContext;
  /** What ActivityPub software is answered; without it nothing. */
  readonly activitypub?: ActivityPubRoutes;
  /** The pages for humans, mounted behind everything else. */
  readonly pages?: EdgeApp;
}

/** Everything this node answers. `server.ts` hands it requests whose target and Host have been checked. */
export function createApp(options: AppOptions): EdgeApp {
  const { context, reads, lookupKey, log } = options;
  const { node, crypto, now, random } = context;
  const app: EdgeApp = new Hono<Edge>();
  if (options.metrics) app.use(countRequests(options.metrics, now));
  app.use(logRequests(log, now));
  app.use(allowAnyOrigin(reads));
  const keys = { lookupKey, enrolmentKeys: options.enrolledKeys };
  const foreignSignatures = options.activitypub !== undefined;
  const edge = { origin: node.origin, crypto, now, random };
  app.use(authenticate({ ...options, ...keys, ...edge, foreignSignatures }));

  if (options.federation) app.use(rideCheckpoints(options.federation));

  mountHealth(app, options.ready, options.held ?? (async () => []));
  if (options.metrics) mountMetrics(app, options.metrics, options.metricsAccess ?? 'loopback');
  // What can be asked for inside an A2A message as well.
  const mountApi = (to: EdgeApp) => {
    mountActivities(to, options);
    mountPosts(to, context);
    mountSubmolts(to, context.db);
    mountAgents(to, context);
    mountSearch(to, context);
    mountStats(to, context);
    mountDelegations(to, context);
    mountStanding(to, context);
    mountHome(to, context);
    mountNotifications(to, options);
  };
  const guard = (to: EdgeApp) => {
    to.notFound((c) =>
      refuse(c, { code: 'not_found', detail: `${c.req.path} is not served here.` }),
    );
    to.onError(answerFailure(log, random));
  };
  mountApi(app);
  mountEnrolments(app, options);
  if (options.admission) mountAdmissions(app, options.admission);
  mountA2a(app, options, createInnerApi(node.origin, mountApi, guard));
  mountStream(app, options);
  mountObjects(app, context.db);
  mountLogs(app, options);
  mountCheckpoints(app, context);
  mountWitness(app, options);
  mountDiscovery(app, options);
  mountDids(app, context);
  mountSkill(app, options);
  const { version } = options.software;
  mountOpenApi(app, { origin: node.origin, reads, version }, crypto);
  if (options.federation) {
    mountFederation(app, options.federation);
    mountMessages(app, options.federation);
  }
  if (options.activitypub) mountActivityPub(app, options.activitypub);
  if (options.pages) app.route('/', options.pages);

  guard(app);
  return app;
}

/** The door: one origin for the page and the API, the HTTP API itself, and the pool of users behind its tokens. */
import { Aws, CfnOutput, Duration, Fn, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { type CfnStage, HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import {
  AllowedMethods,
  CachePolicy,
  Distribution,
  HeadersFrameOption,
  HeadersReferrerPolicy,
  OriginRequestPolicy,
  PriceClass,
  ResponseHeadersPolicy,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront';
import { HttpOrigin, S3BucketOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import {
  AccountRecovery,
  FeaturePlan,
  ManagedLoginVersion,
  Mfa,
  OAuthScope,
  UserPool,
  type UserPoolClient,
} from 'aws-cdk-lib/aws-cognito';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { BlockPublicAccess, Bucket, BucketEncryption, type IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { acknowledge } from '../constructs/acknowledge.ts';
import type { Stage } from '../stages.ts';

/** Paths that belong to the API; everything else is a file of the page. */
const API_PATHS = ['/v1/*', '/api/*', '/nttn/*', '/router/*', '/health', '/openapi.json'];

/** Without personal data: no address, no user agent, no query string. */
const ACCESS_LOG_FORMAT = JSON.stringify({
  requestId: '$context.requestId',
  at: '$context.requestTimeEpoch',
  route: '$context.routeKey',
  status: '$context.status',
  responseMs: '$context.responseLatency',
  responseBytes: '$context.responseLength',
});

export class DashboardStack extends Stack {
  readonly http: HttpApi;
  readonly users: UserPool;
  readonly client: UserPoolClient;
  /** `https://…` of the one origin. */
  readonly publicUrl: string;
  private readonly stage: Stage;

  constructor(scope: Construct, id: string, props: StackProps & { stage: Stage }) {
    super(scope, id, props);
    this.stage = props.stage;
    this.http = this.createApi();
    this.users = this.createUsers();
    const login = this.users.addDomain('Login', {
      cognitoDomain: { domainPrefix: `headroom-${props.stage.name}-${Aws.ACCOUNT_ID}` },
      managedLoginVersion: ManagedLoginVersion.CLASSIC_HOSTED_UI,
    });
    const site = this.createSiteBucket();
    const distribution = this.createDistribution(site, login.baseUrl());
    this.publicUrl = `https://${distribution.distributionDomainName}`;
    this.client = this.users.addClient('Dashboard', {
      generateSecret: false,
      preventUserExistenceErrors: true,
      accessTokenValidity: Duration.hours(1),
      oAuth: {
        flows: { authorizationCodeGrant: true },
        scopes: [OAuthScope.OPENID],
        callbackUrls: [`${this.publicUrl}/`],
        logoutUrls: [`${this.publicUrl}/`],
      },
    });
    this.acknowledgeFindings(site, distribution);
    this.tellTheDeployScript(site, login.baseUrl());
  }

  private createApi(): HttpApi {
    const http = new HttpApi(this, 'Http', { description: `Headroom ${this.stage.name}`, createDefaultStage: true });
    const logs = new LogGroup(this, 'AccessLogs', {
      retention: this.stage.logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const stage = http.defaultStage?.node.defaultChild as CfnStage;
    stage.accessLogSettings = { destinationArn: logs.logGroupArn, format: ACCESS_LOG_FORMAT };
    stage.defaultRouteSettings = {
      throttlingRateLimit: this.stage.throttle.rate,
      throttlingBurstLimit: this.stage.throttle.burst,
    };
    return http;
  }

  private createUsers(): UserPool {
    return new UserPool(this, 'Users', {
      selfSignUpEnabled: false,
      signInAliases: { email: true },
      signInCaseSensitive: false,
      accountRecovery: AccountRecovery.EMAIL_ONLY,
      featurePlan: FeaturePlan.ESSENTIALS,
      passwordPolicy: {
        minLength: 12,
        requireDigits: true,
        requireLowercase: true,
        requireUppercase: true,
        requireSymbols: true,
      },
      ...(this.stage.secondFactor ? { mfa: Mfa.REQUIRED, mfaSecondFactor: { otp: true, sms: false } } : {}),
      deletionProtection: this.stage.protectData,
      removalPolicy: this.stage.protectData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
  }

  private createSiteBucket(): Bucket {
    return new Bucket(this, 'Site', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      // The page is made again by every deploy: nothing in it is worth keeping.
      removalPolicy: RemovalPolicy.DESTROY,
    });
  }

  private createDistribution(site: Bucket, loginUrl: string): Distribution {
    const api = new HttpOrigin(Fn.select(2, Fn.split('/', this.http.apiEndpoint)));
    const headers = this.securityHeaders(loginUrl);
    const toApi = {
      origin: api,
      allowedMethods: AllowedMethods.ALLOW_ALL,
      cachePolicy: CachePolicy.CACHING_DISABLED,
      originRequestPolicy: OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
      viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
    };
    return new Distribution(this, 'Distribution', {
      comment: `Headroom ${this.stage.name}`,
      defaultRootObject: 'index.html',
      priceClass: PriceClass.PRICE_CLASS_200,
      defaultBehavior: {
        origin: S3BucketOrigin.withOriginAccessControl(site as unknown as IBucket),
        viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
        responseHeadersPolicy: headers,
      },
      additionalBehaviors: Object.fromEntries(API_PATHS.map((path) => [path, toApi])),
    });
  }

  private securityHeaders(loginUrl: string): ResponseHeadersPolicy {
    const policy = [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "img-src 'self' data:",
      `connect-src 'self' ${loginUrl}`,
      "manifest-src 'self'",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ].join('; ');
    return new ResponseHeadersPolicy(this, 'Headers', {
      securityHeadersBehavior: {
        contentSecurityPolicy: { contentSecurityPolicy: policy, override: true },
        contentTypeOptions: { override: true },
        frameOptions: { frameOption: HeadersFrameOption.DENY, override: true },
        referrerPolicy: { referrerPolicy: HeadersReferrerPolicy.NO_REFERRER, override: true },
        strictTransportSecurity: { accessControlMaxAge: Duration.days(365), includeSubdomains: true, override: true },
      },
    });
  }

  private acknowledgeFindings(site: Bucket, distribution: Distribution): void {
    acknowledge(this.users, {
      'AwsSolutions-COG8':
        'The plus plan is priced per user and month; long passwords and a second factor stand for it.',
    });
    if (!this.stage.secondFactor) {
      acknowledge(this.users, { 'AwsSolutions-COG2': 'Only test users sign in here; lib/stages.ts asks prod for it.' });
    }
    acknowledge(site, {
      'AwsSolutions-S1': 'The bucket holds the public page, and only the distribution reads it.',
    });
    const addresses = 'These logs would keep the addresses of people; the API logs its requests without them.';
    acknowledge(distribution, {
      'AwsSolutions-CFR1': 'People who run connections travel: no country is shut out.',
      'AwsSolutions-CFR2':
        'A firewall costs more than the whole of a small stage; the API throttles and judges every call.',
      'AwsSolutions-CFR3': addresses,
      'AwsSolutions-CFR4':
        'Without a domain of its own the stage uses the certificate of CloudFront, whose TLS is not ours to set.',
    });
  }

  /** The deploy script uploads the page and its sign-in settings; a custom resource would be one more thing to trust. */
  private tellTheDeployScript(site: Bucket, loginUrl: string): void {
    new CfnOutput(this, 'SiteBucket', { value: site.bucketName });
    new CfnOutput(this, 'PublicUrl', { value: this.publicUrl });
    new CfnOutput(this, 'UserPoolId', { value: this.users.userPoolId });
    new CfnOutput(this, 'ClientId', { value: this.client.userPoolClientId });
    new CfnOutput(this, 'LoginUrl', { value: loginUrl });
  }
}

/** Environment of the function that asks routers. */
import * as z from 'zod/mini';
import { apiConfig } from './api.config.ts';

export const routersConfig = z.extend(apiConfig, { SECRET_PREFIX: z.string() });

import { followGrid } from "../adaptation/followGrid.js";
import { factor, sci } from "../carbon/sci.js";
import { readFootprintFactors, readGridYear, readPriceYear } from "../datasets/gridYear.js";
import { readSharingTimes } from "../datasets/publishedTables.js";
import { directiveMix } from "../directives/sprout.js";
import { fitLatency, scaleInPlace } from "../scaling/sponge.js";
import { verticalOnly } from "../scaling/vertical.js";
import { bestAssignment } from "../sharing/miso.js";
import { closedSharing, openSharing, withTenants } from "../sharing/processorSharing.js";
import { placement } from "../shifting/place.js";
import { savings } from "../shifting/savings.js";
import { annealingGaps } from "./annealing.js";
import { coresInPlace, spongeSystems } from "./coresInPlace.js";
import { publishedFigures } from "./publishedLevers.js";
import { footprintOf, hardwareFor, pipelineUse, siteOnGrid } from "./sciUse.js";
import { placeFrom, readGridYears, readNetwork, shiftByZone } from "./timeAndPlace.js";
import { leverEffects } from "./videoLevers.js";

/** What can be done where energy is not the lever, in one group: wiring only. A function's own file documents it. */

/** What can be done where energy is not the lever: time, place, sharing, scaling in place, directives, reporting. */
export const beyondEnergy = {
	annealingGaps,
	bestAssignment,
	closedSharing,
	coresInPlace,
	directiveMix,
	factor,
	fitLatency,
	followGrid,
	footprintOf,
	hardwareFor,
	leverEffects,
	openSharing,
	pipelineUse,
	placeFrom,
	placement,
	publishedFigures,
	readFootprintFactors,
	readGridYear,
	readGridYears,
	readNetwork,
	readPriceYear,
	readSharingTimes,
	savings,
	scaleInPlace,
	sci,
	shiftByZone,
	siteOnGrid,
	spongeSystems,
	verticalOnly,
	withTenants,
} as const;

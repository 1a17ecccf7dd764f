import { annealing } from "./annealing.js";
import { coresSteps, spongeSystems } from "./coresInPlace.js";
import { publishedFigures } from "./publishedLevers.js";
import { pipelineFootprint } from "./sciUse.js";
import { breakingPoints, sharedBoards } from "./sharedBoards.js";
import { placements, shiftByZone } from "./timeAndPlace.js";
import { leverEffects, readGrid } from "./videoLevers.js";

/** What can be done where energy is not the lever: time, place, sharing, scaling in place, directives, reporting. */
export const beyondEnergy = {
	annealing,
	breakingPoints,
	coresSteps,
	leverEffects,
	pipelineFootprint,
	placements,
	publishedFigures,
	readGrid,
	sharedBoards,
	shiftByZone,
	spongeSystems,
} as const;

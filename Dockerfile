# The image of `sustainable-ipa k8s --image`: the package and its command on the PATH, with what `measure` runs models in.
#   docker build -t sustainable-ipa . && docker run --rm sustainable-ipa evaluate
# With Jupyter and Chromium, for the notebooks too: docker build --target lab -t sustainable-ipa-lab .
FROM node:22-bookworm-slim AS build
WORKDIR /src
COPY . .
RUN npm ci --ignore-scripts --no-audit --no-fund && node scripts/link-self.mjs && node scripts/build.mjs && npm pack --ignore-scripts

FROM node:22-bookworm-slim AS command
WORKDIR /opt/sustainable-ipa
COPY --from=build /src/sustainable-ipa-*.tgz /tmp/
# The versions are those that the package names; --ignore-scripts, since onnxruntime-node would fetch CUDA.
RUN apt-get update && apt-get install -y --no-install-recommends util-linux && rm -rf /var/lib/apt/lists/* && \
	npm init -y >/dev/null && npm install --ignore-scripts --no-audit --no-fund /tmp/sustainable-ipa-*.tgz && \
	npm install --ignore-scripts --no-audit --no-fund \
		$(node -p 'const { peerDependencies: p } = require("sustainable-ipa/package.json"); ["onnxruntime-node", "protobufjs"].map((n) => n + "@" + p[n]).join(" ")') && \
	rm -rf /tmp/*.tgz /root/.npm
ENV PATH=/opt/sustainable-ipa/node_modules/.bin:$PATH XDG_CACHE_HOME=/tmp/cache
USER node
WORKDIR /home/node
CMD ["sustainable-ipa", "--help"]

FROM node:22-bookworm AS lab
RUN apt-get update && apt-get install -y --no-install-recommends make python3-venv chromium && rm -rf /var/lib/apt/lists/*
USER node
WORKDIR /home/node/sustainable-ipa
COPY --chown=node . .
RUN scripts/setup.sh node lab && node scripts/build.mjs
EXPOSE 8888
CMD ["node", "dist/cli/main.js", "lab", "--", "--ip=0.0.0.0", "--no-browser"]

# Last, so that it is what `docker build .` makes.
FROM command

# Build: the whole workspace, with TLS to PostgreSQL.
FROM rust:1.95-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends libssl-dev pkg-config && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY . .
RUN cargo build --locked --release --features postgres-tls && cp target/release/expert-workspace /expert-workspace

# Run: one binary, an unprivileged user, data in a volume.
FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates libssl3 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --home-dir /data --create-home expert-workspace
COPY --from=build /expert-workspace /usr/local/bin/expert-workspace
USER expert-workspace
WORKDIR /data
ENV EW_LISTEN=0.0.0.0:8080 EW_DATABASE_URL=sqlite:///data/expert-workspace.db
VOLUME /data
EXPOSE 8080
ENTRYPOINT ["expert-workspace"]
CMD ["serve"]

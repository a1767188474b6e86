# Built in one stage, run from another that holds the binary and the
# certificate authorities, and nothing else: no shell, no package manager.
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=dev
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=${VERSION}" -o /pagesbot ./cmd/pagesbot \
    && mkdir /data && chown 65532:65532 /data

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /pagesbot /pagesbot
# The default database is a file in the working directory: mount a volume here.
COPY --from=build --chown=65532:65532 /data /data
WORKDIR /data
USER 65532:65532
ENTRYPOINT ["/pagesbot"]

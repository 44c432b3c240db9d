package org.pgpod.exporter.model;

/** The SQL of a collector for some major versions. */
public record Query(VersionRange versions, String sql) {}
